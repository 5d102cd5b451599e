"""Drawn things: a cake, a plant, a bicycle, a tool, two weapons, a floor plan, a map."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from workers.demo.make_samples.canvas import (
    BLUE,
    GREEN,
    INK,
    RED,
    YELLOW,
    Colour,
    Draw,
    Picture,
    drawn,
    gradient,
    write,
)

_STEEL: Final[Colour] = (58, 60, 66)
_STEEL_LIGHT: Final[Colour] = (104, 108, 116)
_WOOD: Final[Colour] = (122, 82, 48)


def cake() -> Image.Image:
    """A birthday cake with five candles."""

    def paint(draw: Draw) -> None:
        draw.ellipse((120, 370, 520, 440), fill=(220, 214, 205))
        draw.rounded_rectangle((170, 240, 470, 400), 24, fill=(236, 170, 182))
        draw.rounded_rectangle((170, 240, 470, 290), 24, fill=(255, 246, 240))
        for x in range(200, 470, 60):
            draw.rectangle((x - 5, 180, x + 5, 242), fill=BLUE)
            draw.ellipse((x - 8, 150, x + 8, 184), fill=YELLOW)

    return drawn(paint, (246, 236, 220))


def houseplant() -> Image.Image:
    """A pot with broad leaves."""

    def paint(draw: Draw) -> None:
        for x, y, half in ((220, 150, 60), (330, 100, 70), (430, 170, 60), (320, 210, 52)):
            draw.line((320, 340, x, y), fill=GREEN, width=8)
            draw.ellipse((x - half, y - half * 0.6, x + half, y + half * 0.6), fill=GREEN)
            draw.line((x - half, y, x + half, y), fill=(150, 190, 140), width=3)
        draw.polygon([(240, 330), (400, 330), (376, 460), (264, 460)], fill=(190, 104, 70))

    return drawn(paint, gradient((240, 240, 232), (214, 206, 190)))


def bicycle() -> Image.Image:
    """A bicycle in outline."""

    def paint(draw: Draw) -> None:
        rear, front = (180, 320), (460, 320)
        for x, y in (rear, front):
            draw.ellipse((x - 90, y - 90, x + 90, y + 90), outline=INK, width=8)
        pedals, seat, bars = (300, 320), (260, 190), (420, 180)
        for start, end in (
            (rear, pedals),
            (pedals, seat),
            (seat, rear),
            (seat, bars),
            (pedals, bars),
            (bars, front),
        ):
            draw.line((*start, *end), fill=BLUE, width=10)
        draw.line((225, 175, 295, 175), fill=INK, width=14)
        draw.line((420, 180, 400, 140, 450, 130), fill=INK, width=8)

    return drawn(paint)


def hammer() -> Image.Image:
    """A claw hammer in outline: a tool, and no weapon."""

    def paint(draw: Draw) -> None:
        draw.rounded_rectangle((300, 150, 340, 440), 12, outline=INK, width=6)
        draw.polygon(
            [(230, 90), (380, 90), (450, 130), (380, 130), (380, 150), (230, 150)],
            outline=INK,
            width=6,
        )
        draw.rectangle((200, 84, 232, 156), outline=INK, width=6)

    return drawn(paint)


def pistol_listing() -> Image.Image:
    """A pistol on a table top, as in a sale offer."""

    def paint(draw: Draw) -> None:
        draw.rounded_rectangle((120, 130, 520, 200), 10, fill=_STEEL)
        draw.rectangle((120, 138, 520, 150), fill=_STEEL_LIGHT)
        draw.rectangle((470, 118, 486, 132), fill=_STEEL)
        draw.rectangle((140, 118, 156, 132), fill=_STEEL)
        draw.rectangle((170, 196, 500, 226), fill=(44, 45, 50))
        draw.polygon([(130, 200), (240, 200), (214, 400), (96, 400)], fill=(36, 37, 42))
        for y in range(230, 390, 14):
            draw.line((122, y, 218, y), fill=(62, 63, 70), width=3)
        draw.arc((220, 210, 330, 300), 0, 180, fill=_STEEL, width=12)
        draw.line((262, 226, 270, 270), fill=_STEEL, width=10)
        for x in range(140, 210, 12):
            draw.line((x, 152, x, 196), fill=(38, 39, 44), width=4)

    return drawn(paint, gradient((186, 160, 128), (150, 122, 92)))


def rifle_listing() -> Image.Image:
    """A rifle with a wooden stock on a blanket."""

    def paint(draw: Draw) -> None:
        draw.rectangle((330, 212, 620, 224), fill=_STEEL)
        draw.rectangle((600, 200, 610, 214), fill=_STEEL)
        draw.rectangle((220, 206, 420, 240), fill=_STEEL)
        draw.polygon([(330, 226), (500, 226), (490, 246), (330, 250)], fill=_WOOD)
        draw.polygon([(230, 232), (230, 262), (60, 316), (40, 240), (150, 236)], fill=_WOOD)
        draw.arc((236, 226, 296, 284), 0, 180, fill=_STEEL, width=8)
        draw.rounded_rectangle((240, 168, 400, 192), 10, fill=(34, 35, 40))
        for x in (264, 376):
            draw.line((x, 190, x, 208), fill=_STEEL, width=10)

    return drawn(paint, gradient((110, 118, 96), (88, 94, 76)))


def floor_plan() -> Image.Image:
    """Two rooms, a hall, a kitchen."""

    def paint(draw: Draw) -> None:
        draw.rectangle((80, 60, 560, 420), outline=INK, width=10)
        draw.line((300, 60, 300, 260), fill=INK, width=8)
        draw.line((80, 260, 420, 260), fill=INK, width=8)
        draw.line((420, 260, 420, 420), fill=INK, width=8)
        for place, room in (
            ((190, 160), "12 sqm"),
            ((430, 160), "18 sqm"),
            ((250, 340), "9 sqm"),
            ((490, 340), "6 sqm"),
        ):
            write(draw, place, room, size=28, anchor="mm")
        draw.arc((200, 210, 300, 310), 180, 270, fill=INK, width=4)

    return drawn(paint)


def street_map() -> Image.Image:
    """Streets, a river and a red pin."""
    rng = np.random.default_rng(3)

    def paint(draw: Draw) -> None:
        for _ in range(16):
            x, y = float(rng.uniform(0, 600)), float(rng.uniform(0, 440))
            draw.rectangle((x, y, x + 70, y + 50), fill=(224, 218, 206))
        river = [(0, 330), (140, 300), (300, 350), (460, 310), (640, 360)]
        draw.line(river, fill=(150, 190, 226), width=44, joint="curve")
        for street in ((0, 120, 640, 160), (120, 0, 160, 480), (430, 0, 400, 480)):
            draw.line(street, fill=(255, 255, 255), width=22)
        draw.polygon([(396, 150), (444, 150), (420, 210)], fill=RED)
        draw.ellipse((390, 100, 450, 160), fill=RED)
        write(draw, (300, 232), "Mill Lane", size=24, anchor="mm")

    return drawn(paint, (238, 234, 222))


OBJECTS: Final[dict[str, Picture]] = {
    "cake.jpg": cake,
    "houseplant.webp": houseplant,
    "bicycle.png": bicycle,
    "hammer.png": hammer,
    "pistol_listing.jpg": pistol_listing,
    "rifle_listing.jpg": rifle_listing,
    "floor_plan.png": floor_plan,
    "map.png": street_map,
}

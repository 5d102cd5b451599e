"""Pictures that are mostly writing: charts, screenshots, a meme, a recipe, a banner."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

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

_MINE: Final[Colour] = (206, 232, 210)
_THEIRS: Final[Colour] = (232, 232, 236)


def _chat(title: str, messages: Sequence[tuple[bool, str]]) -> Image.Image:
    """A chat screenshot; a message is (written by the phone's owner, text)."""

    def paint(draw: Draw) -> None:
        draw.rectangle((0, 0, 640, 64), fill=BLUE)
        write(draw, (24, 32), title, size=30, colour=(255, 255, 255), anchor="lm")
        for place, (mine, text) in enumerate(messages):
            top = 88 + 92 * place
            left, right = (150, 616) if mine else (24, 490)
            fill = _MINE if mine else _THEIRS
            draw.rounded_rectangle((left, top, right, top + 70), 18, fill=fill)
            write(draw, (left + 20, top + 35), text, size=24, anchor="lm")

    return drawn(paint)


def bar_chart() -> Image.Image:
    """Rainfall by month."""
    rain_mm = (("J", 62), ("F", 48), ("M", 55), ("A", 96), ("M", 70), ("J", 41), ("J", 35))

    def paint(draw: Draw) -> None:
        write(draw, (320, 34), "Rainfall, mm", size=30, anchor="mm")
        draw.line((60, 420, 620, 420), fill=INK, width=4)
        for place, (month, millimetres) in enumerate(rain_mm):
            left = 84 + 76 * place
            draw.rectangle((left, 420 - millimetres * 3.4, left + 44, 418), fill=BLUE)
            write(draw, (left + 22, 448), month, size=24, anchor="mm")

    return drawn(paint)


def line_chart() -> Image.Image:
    """Running pace over ten weeks."""
    pace_minutes = (6.9, 6.8, 6.9, 6.6, 6.5, 6.5, 6.3, 6.2, 6.2, 5.9)

    def paint(draw: Draw) -> None:
        write(draw, (320, 34), "Pace, minutes per km", size=30, anchor="mm")
        draw.line((60, 70, 60, 430, 620, 430), fill=INK, width=4)
        points = [
            (90 + 56 * week, 430 - (minutes - 5.5) * 230)
            for week, minutes in enumerate(pace_minutes)
        ]
        draw.line(points, fill=GREEN, width=6, joint="curve")
        for x, y in points:
            draw.ellipse((x - 7, y - 7, x + 7, y + 7), fill=GREEN)

    return drawn(paint)


def recipe_card() -> Image.Image:
    """A recipe in eight lines."""
    lines = (
        "200 g flour",
        "2 eggs",
        "300 ml milk",
        "1 pinch of salt",
        "butter for the pan",
        "Whisk, rest for 20 minutes,",
        "fry until golden.",
    )

    def paint(draw: Draw) -> None:
        write(draw, (320, 50), "PANCAKES", size=44, colour=RED, anchor="mm")
        for place, line in enumerate(lines):
            write(draw, (70, 110 + 48 * place), line, size=30)

    return drawn(paint, (255, 250, 226))


def chat_invite() -> Image.Image:
    """Friends agree on a picnic."""
    return _chat(
        "Picnic on Sunday",
        (
            (True, "Is two o'clock fine for you?"),
            (False, "Yes! I will bring lemonade"),
            (True, "Great, see you at the lake"),
            (False, "Looking forward to it"),
        ),
    )


def insult_screenshot() -> Image.Image:
    """One person harasses another."""
    return _chat(
        "Group chat",
        (
            (False, "nobody wants you here"),
            (False, "you are so pathetic"),
            (True, "please stop"),
            (False, "go away, loser"),
        ),
    )


def meme_monday() -> Image.Image:
    """A tired cat between two lines."""

    def paint(draw: Draw) -> None:
        draw.ellipse((210, 130, 430, 350), fill=(120, 116, 112))
        draw.polygon([(222, 190), (236, 96), (300, 146)], fill=(120, 116, 112))
        draw.polygon([(418, 190), (404, 96), (340, 146)], fill=(120, 116, 112))
        for x in (275, 365):
            draw.line((x - 24, 230, x + 24, 230), fill=INK, width=8)
        draw.polygon([(308, 268), (332, 268), (320, 284)], fill=(220, 150, 150))
        for side in (-1, 1):
            for drop in (-10, 10):
                draw.line((320 + side * 30, 285, 320 + side * 130, 285 + drop), fill=INK, width=3)
        write(draw, (320, 48), "ME ON MONDAY", size=48, anchor="mm")
        write(draw, (320, 424), "FIVE MORE MINUTES", size=48, anchor="mm")

    return drawn(paint, gradient((214, 224, 236), (182, 196, 214)))


def prize_banner() -> Image.Image:
    """A loud banner that promises money."""

    def paint(draw: Draw) -> None:
        for place in range(12):
            draw.regular_polygon((320, 240, 420), 3, rotation=place * 30, outline=YELLOW, width=6)
        draw.rectangle((40, 60, 600, 420), fill=YELLOW)
        write(draw, (320, 120), "CONGRATULATIONS!!!", size=50, colour=RED, anchor="mm")
        write(draw, (320, 220), "YOU WON $1000", size=64, anchor="mm")
        draw.rounded_rectangle((130, 300, 510, 380), 20, fill=RED)
        write(draw, (320, 340), "CLAIM NOW", size=50, colour=(255, 255, 255), anchor="mm")

    return drawn(paint, RED)


CARDS: Final[dict[str, Picture]] = {
    "bar_chart.png": bar_chart,
    "line_chart.png": line_chart,
    "recipe_card.png": recipe_card,
    "chat_invite.png": chat_invite,
    "insult_screenshot.png": insult_screenshot,
    "meme_monday.jpg": meme_monday,
    "prize_banner.png": prize_banner,
}

"""Drawn landscapes and patterns."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from workers.demo.make_samples.canvas import (
    BLUE,
    GREEN,
    HEIGHT,
    INK,
    RED,
    WIDTH,
    YELLOW,
    Colour,
    Draw,
    Picture,
    drawn,
    gradient,
    to_image,
)

Point = tuple[float, float]

_LIT_SHARE: Final = 0.45  # of the windows at night


def _ridge(base: float, roughness: float, seed: int) -> list[Point]:
    """A mountain line across the picture: sums of sines with random phases, closed below."""
    rng = np.random.default_rng(seed)
    across = np.linspace(0, WIDTH * 2, 80)
    height = np.zeros_like(across)
    for octave in range(1, 6):
        phase = rng.uniform(0, 2 * np.pi)
        height += roughness / octave * np.sin(octave * across / 90 + phase)
    line = [(float(x), float(base - y)) for x, y in zip(across, height, strict=True)]
    return [(0, HEIGHT * 2), *line, (WIDTH * 2, HEIGHT * 2)]


def mountains() -> Image.Image:
    """Three ridges under a morning sky."""

    def paint(draw: Draw) -> None:
        layers: list[tuple[float, float, Colour]] = [
            (260, 55, (150, 165, 190)),
            (330, 45, (104, 124, 152)),
            (400, 30, (58, 84, 86)),
        ]
        for seed, (base, roughness, colour) in enumerate(layers):
            draw.polygon(_ridge(base, roughness, seed), fill=colour)

    return drawn(paint, gradient((120, 170, 220), (250, 232, 210)))


def sunset() -> Image.Image:
    """A low sun over the sea, with its glitter on the water."""
    rng = np.random.default_rng(4)

    def paint(draw: Draw) -> None:
        draw.ellipse((270, 180, 370, 280), fill=(255, 226, 150))
        draw.rectangle((0, 250, 640, 480), fill=(72, 70, 110))
        for _ in range(140):
            y = float(rng.uniform(255, 475))
            x = float(rng.normal(320, 20 + (y - 250) / 3))
            length = float(rng.uniform(6, 30))
            draw.line((x, y, x + length, y), fill=(255, 190, 120), width=2)

    return drawn(paint, gradient((90, 70, 130), (255, 150, 90)))


def forest() -> Image.Image:
    """Rows of firs in the mist."""
    rng = np.random.default_rng(9)

    def paint(draw: Draw) -> None:
        for row in range(4):
            shade = 150 - 34 * row
            colour = (shade - 30, shade, shade - 20)
            foot = 300 + 55 * row
            for x in range(-20, 680, 44):
                left = x + float(rng.uniform(-14, 14))
                tall = float(rng.uniform(110, 190))
                for step in range(3):
                    top = foot - tall + step * tall / 4
                    half = 16 + step * 9
                    draw.polygon(
                        [(left, top), (left - half, top + tall / 2), (left + half, top + tall / 2)],
                        fill=colour,
                    )

    return drawn(paint, gradient((214, 226, 226), (170, 190, 180)))


def night_city() -> Image.Image:
    """Houses with lit windows."""
    rng = np.random.default_rng(12)

    def paint(draw: Draw) -> None:
        for x in range(0, 640, 64):
            top = int(rng.integers(120, 330))
            draw.rectangle((x, top, x + 60, 480), fill=(22, 26, 44))
            for wx in range(x + 8, x + 52, 16):
                for wy in range(top + 12, 470, 22):
                    if rng.random() < _LIT_SHARE:
                        draw.rectangle((wx, wy, wx + 8, wy + 10), fill=(246, 214, 130))
        draw.ellipse((520, 40, 570, 90), fill=(236, 236, 220))

    return drawn(paint, gradient((14, 18, 52), (60, 54, 96)))


def shapes() -> Image.Image:
    """Overlapping circles, squares and triangles."""
    rng = np.random.default_rng(7)

    def paint(draw: Draw) -> None:
        for number in range(14):
            x, y = float(rng.uniform(40, 600)), float(rng.uniform(40, 440))
            half = float(rng.uniform(24, 80))
            colour = (RED, GREEN, BLUE, YELLOW, INK)[number % 5]
            box = (x - half, y - half, x + half, y + half)
            match number % 3:
                case 0:
                    draw.ellipse(box, fill=colour)
                case 1:
                    draw.rectangle(box, fill=colour)
                case _:
                    draw.regular_polygon((x, y, half), 3, rotation=number * 20, fill=colour)

    return drawn(paint)


def soft_gradient() -> Image.Image:
    """Slow waves of colour, as on a wallpaper."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    red = 150 + 80 * np.sin(x / 60)
    green = 140 + 60 * np.sin(y / 50 + 1)
    blue = 190 + 50 * np.sin((x + y) / 80 + 2)
    return to_image(np.stack([red, green, blue], axis=-1))


SCENES: Final[dict[str, Picture]] = {
    "mountains.jpg": mountains,
    "sunset.jpg": sunset,
    "forest.webp": forest,
    "night_city.jpg": night_city,
    "shapes.png": shapes,
    "gradient.webp": soft_gradient,
}

"""What the drawings share: a size, smooth edges and a few colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

WIDTH: Final = 320
HEIGHT: Final = 240
SMOOTHING: Final = 2
"""Drawn this many times larger and then shrunk, because Pillow draws without anti-aliasing."""

Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]
Picture = Callable[[], Image.Image]

INK: Final[Colour] = (40, 42, 48)
PAPER: Final[Colour] = (250, 248, 243)
RED: Final[Colour] = (201, 62, 55)
GREEN: Final[Colour] = (74, 140, 82)
BLUE: Final[Colour] = (58, 110, 180)
YELLOW: Final[Colour] = (242, 190, 64)


def drawn(paint: Callable[[Draw], None], background: Colour | Image.Image = PAPER) -> Image.Image:
    """Call ``paint`` on an empty picture, in coordinates of ``WIDTH`` by ``HEIGHT`` times two."""
    size = (WIDTH * SMOOTHING, HEIGHT * SMOOTHING)
    if isinstance(background, Image.Image):
        large = background.resize(size, Image.Resampling.BICUBIC)
    else:
        large = Image.new("RGB", size, background)
    paint(ImageDraw.Draw(large))
    return large.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def gradient(top: Colour, bottom: Colour) -> Image.Image:
    """A picture that fades from one colour to another."""
    place = np.linspace(0.0, 1.0, HEIGHT)[:, None, None]
    column = np.asarray(top) * (1 - place) + np.asarray(bottom) * place
    return to_image(np.repeat(column, WIDTH, axis=1))


def to_image(pixels: npt.NDArray[np.floating]) -> Image.Image:
    """A picture from values of 0 to 255, shape = (height, width, 3)."""
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")


def write(
    draw: Draw,
    place: tuple[float, float],
    text: str,
    *,
    size: int,
    colour: Colour = INK,
    anchor: str = "la",
) -> None:
    """Write in the font that Pillow carries, so that every machine draws the same letters."""
    font = ImageFont.load_default(size)
    draw.text(place, text, fill=colour, font=font, anchor=anchor)

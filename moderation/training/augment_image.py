"""Changes to training pictures that leave their meaning as it is."""

from __future__ import annotations

import io
import math
import random
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

MIN_CROP: Final = 0.7  # of a picture's side
MAX_DEGREES: Final = 15.0  # of rotation, either way
MIRRORED: Final = 0.5  # chance; likewise the five below
GREY: Final = 0.1
COMPRESSED: Final = 0.3
BLURRED: Final = 0.15
COARSE: Final = 0.15
CAPTIONED: Final = 0.15

JITTER: Final = (0.7, 1.3)  # factor of brightness, contrast and saturation
JPEG_QUALITY: Final = (15, 75)
BLUR_RADIUS: Final = (0.5, 1.5)  # pixels
COARSENESS: Final = (0.3, 0.7)  # side of a coarse picture over the original
CAPTION_HEIGHT: Final = (0.06, 0.16)  # of the picture

# What a caption says must not matter here: the words are harmless, and stand on every label.
CAPTION_WORDS: Final = (
    "when you see it monday me every day nobody look at this my cat best day of the year how it "
    "started just now thanks for all new photo follow 2024 wow good morning"
)


def augment_image(
    pixels: npt.NDArray[np.uint8], draw: random.Random, size: int
) -> npt.NDArray[np.uint8]:
    """Another crop, angle, light and quality, and sometimes a caption over it.

    Args:
        pixels: uint8, shape = (3, side, side).
        draw: of all changes.
        size: side of what comes out, uint8, shape = (3, size, size).
    """
    picture = crop(Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0))), draw, size)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(draw.uniform(*JITTER))
    if draw.random() < GREY:
        picture = picture.convert("L").convert("RGB")
    if draw.random() < CAPTIONED:
        caption(picture, draw)
    if draw.random() < COARSE:
        picture = coarsen(picture, draw)
    if draw.random() < BLURRED:
        picture = picture.filter(ImageFilter.GaussianBlur(draw.uniform(*BLUR_RADIUS)))
    if draw.random() < COMPRESSED:
        picture = compress(picture, draw)
    return np.ascontiguousarray(np.asarray(picture).transpose(2, 0, 1))


def crop(picture: Image.Image, draw: random.Random, size: int) -> Image.Image:
    """A rotated square of the picture, sometimes mirrored, in one resampling."""
    whole = picture.width
    side = whole * draw.uniform(MIN_CROP, 1)
    middle_x = draw.uniform(side / 2, whole - side / 2)
    middle_y = draw.uniform(side / 2, whole - side / 2)
    angle = math.radians(draw.uniform(-MAX_DEGREES, MAX_DEGREES))
    mirror = -1 if draw.random() < MIRRORED else 1
    # From a pixel of the result, counted from its middle, to one of the source.
    scale = side / size
    a, b = scale * math.cos(angle) * mirror, -scale * math.sin(angle)
    d, e = scale * math.sin(angle) * mirror, scale * math.cos(angle)
    half = size / 2
    matrix = (a, b, middle_x - half * (a + b), d, e, middle_y - half * (d + e))
    mean = tuple(int(value) for value in np.asarray(picture).mean(axis=(0, 1)))
    return picture.transform(
        (size, size),
        Image.Transform.AFFINE,
        matrix,
        resample=Image.Resampling.BILINEAR,
        fillcolor=mean,
    )


def caption(picture: Image.Image, draw: random.Random) -> None:
    """Write some words across the picture, outlined as in memes."""
    words = " ".join(draw.choices(CAPTION_WORDS.split(), k=draw.randint(1, 5)))
    height = max(8, round(picture.height * draw.uniform(*CAPTION_HEIGHT)))
    at = (draw.uniform(0, picture.width / 3), draw.uniform(0, picture.height - height))
    light = draw.random() < 0.5  # noqa: PLR2004 - as often as not
    ImageDraw.Draw(picture).text(
        at,
        words,
        font=_font(height),
        fill="white" if light else "black",
        stroke_width=1,
        stroke_fill="black" if light else "white",
    )


def coarsen(picture: Image.Image, draw: random.Random) -> Image.Image:
    """As if enlarged from a small picture."""
    small = max(8, round(picture.width * draw.uniform(*COARSENESS)))
    return picture.resize((small, small), Image.Resampling.BILINEAR).resize(
        picture.size, Image.Resampling.BILINEAR
    )


def compress(picture: Image.Image, draw: random.Random) -> Image.Image:
    """Through JPEG and back."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=draw.randint(*JPEG_QUALITY))
    return Image.open(buffer).convert("RGB")


@lru_cache
def _font(height: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, at a height in pixels."""
    return ImageFont.load_default(height)

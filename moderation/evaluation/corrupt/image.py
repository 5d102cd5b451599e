"""Pictures, blurred, compressed, turned or noisy: uint8 RGB, shape = (height, width, 3)."""

from __future__ import annotations

import io
import random

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

Pixels = npt.NDArray[np.uint8]


def blur(pixels: Pixels, radius: float, _draw: random.Random) -> Pixels:
    """Gaussian, of a radius in percent of the shorter side."""
    size = radius / 100 * min(pixels.shape[:2])
    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(size)))


def jpeg(pixels: Pixels, quality: float, _draw: random.Random) -> Pixels:
    """Saved as JPEG of a quality of 1..95 and read again."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="JPEG", quality=int(quality))
    file.seek(0)
    with Image.open(file) as picture:
        return np.asarray(picture.convert("RGB"))


def rotate(pixels: Pixels, degrees: float, draw: random.Random) -> Pixels:
    """Turned to the left or to the right; the corners that come in are black."""
    angle = degrees * draw.choice((-1, 1))
    return np.asarray(Image.fromarray(pixels).rotate(angle, Image.Resampling.BILINEAR))


def pixel_noise(pixels: Pixels, deviation: float, draw: random.Random) -> Pixels:
    """Gaussian noise of a standard deviation in levels of 0..255, channel by channel."""
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, deviation, pixels.shape)
    return np.clip(np.rint(pixels + noise), 0, 255).astype(np.uint8)

"""Weights as colours: red speaks for the category, blue against it, white for nothing."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from moderation.inference import Weights
from moderation.media import Pixels

FOR: Final = (214, 60, 52)
AGAINST: Final = (44, 108, 186)

SMALLEST_SCALE: Final = 0.25
"""Log-odds at which a colour is full when no part carries more: from 0.50 to 0.56. Less than that
is noise, and must not look like a finding."""

STRONGEST_INK: Final = 0.72
"""Of a picture under its colours; the rest shows through."""


def scale_of(greatest: float) -> float:
    """The weight that gets the full colour."""
    return max(SMALLEST_SCALE, greatest)


def colour_of(weight: float, scale: float) -> tuple[int, int, int]:
    """The colour on white."""
    ink = min(1.0, abs(weight) / scale) * 0.85
    tone = FOR if weight > 0 else AGAINST
    red, green, blue = (round(255 + (part - 255) * ink) for part in tone)
    return red, green, blue


def laid_over(pixels: Pixels, weights: Weights, scale: float) -> Image.Image:
    """A picture in grey under its heat map."""
    image = Image.fromarray(pixels).convert("L").convert("RGB")
    smooth = Image.fromarray((weights / scale).clip(-1, 1).astype(np.float32)).resize(
        image.size, Image.Resampling.BICUBIC
    )
    heat = np.asarray(smooth).clip(-1, 1)[:, :, None]
    tone = np.where(heat > 0, np.array(FOR), np.array(AGAINST))
    ink = np.abs(heat) * STRONGEST_INK
    return Image.fromarray((np.asarray(image) * (1 - ink) + tone * ink).round().astype(np.uint8))

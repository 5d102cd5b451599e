"""Changes to training pictures that leave their meaning as it is."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt
from PIL import Image

MIN_CROP = 0.7  # of a picture's side
MIRRORED = 0.5  # chance that a picture is mirrored
GREY = 0.1  # chance that it loses its colours


def augment_image(
    pixels: npt.NDArray[np.uint8], draw: random.Random, size: int
) -> npt.NDArray[np.uint8]:
    """Crop, mirror, brighten: uint8 (3, side, side) in, uint8 (3, size, size) out."""
    whole = pixels.shape[1]
    picture = Image.fromarray(np.ascontiguousarray(pixels.transpose(1, 2, 0)))
    side = whole * draw.uniform(MIN_CROP, 1)
    left, top = draw.uniform(0, whole - side), draw.uniform(0, whole - side)
    picture = picture.resize(
        (size, size), Image.Resampling.BILINEAR, box=(left, top, left + side, top + side)
    )
    changed = np.asarray(picture, dtype=np.float32).transpose(2, 0, 1)
    if draw.random() < MIRRORED:
        changed = changed[:, :, ::-1]
    changed = (changed - 128) * draw.uniform(0.7, 1.3) + 128 + draw.uniform(-30, 30)
    if draw.random() < GREY:
        changed = np.broadcast_to(changed.mean(axis=0), changed.shape)
    return np.ascontiguousarray(changed.clip(0, 255).astype(np.uint8))

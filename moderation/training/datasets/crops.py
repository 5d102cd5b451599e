"""Crops of annotated pictures: each thing closely and widely, and squares that hold none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from moderation.training.datasets.errors import DatasetError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels."""

MIN_BOX_SIDE: Final = 32  # pixels; smaller is a smear when enlarged
MIN_SQUARE_SIDE: Final = 96  # pixels, of a crop without the thing
SKIN_BLUE: Final = (77, 127)  # chroma of 0..255, both ends left out
SKIN_RED: Final = (133, 173)
CLEARANCE: Final = 6  # pixels between such a crop and every box
MAX_SQUARES: Final = 2  # a picture
MAX_SKIN: Final = 0.35  # of a wide crop: people are not what is to be learned
MAX_SKIN_WITHOUT: Final = 0.15  # of a crop without the thing
BLANK_SPREAD: Final = 8.0  # grey levels; with less there is nothing to see
HASH_SIDE: Final = 8


def read_boxes(path: Path) -> list[Box]:
    """Boxes of a label file: their number, then one ``left top right bottom`` a line.

    Raises:
        DatasetError: it reads otherwise.
    """
    try:
        count, *lines = [line.split() for line in path.read_text("utf-8").splitlines() if line]
        boxes = [(int(a), int(b), int(c), int(d)) for a, b, c, d in lines]
        announced = int(count[0])
    except (ValueError, IndexError) as error:
        raise DatasetError(f"{path}: not a number and as many boxes ({error})") from error
    if len(boxes) != announced:
        raise DatasetError(f"{path}: {announced} boxes announced, {len(boxes)} found")
    return boxes


def crops_of(picture: Image.Image, boxes: Sequence[Box]) -> Iterator[tuple[str, Image.Image, bool]]:
    """Crops with their names, and whether the annotated thing is on them."""
    for number, box in enumerate(boxes):
        if min(box[2] - box[0], box[3] - box[1]) >= MIN_BOX_SIDE:
            yield f"{number}-tight", picture.crop(box), True
            wide = picture.crop(_doubled(box, picture.size))
            if _skin_share(wide) <= MAX_SKIN:
                yield f"{number}-wide", wide, True
    for number, square in enumerate(_free_squares(picture.size, boxes)):
        crop = picture.crop(square)
        if np.asarray(crop).std() > BLANK_SPREAD and _skin_share(crop) <= MAX_SKIN_WITHOUT:
            yield f"neg{number}", crop, False


def difference_hash(picture: Image.Image) -> int:
    """64 bits of which neighbours are brighter; copies of a picture differ in few (dHash)."""
    grey = picture.convert("L").resize((HASH_SIDE + 1, HASH_SIDE), Image.Resampling.BILINEAR)
    levels = np.asarray(grey, dtype=np.int16)
    bits = (levels[:, 1:] > levels[:, :-1]).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def _doubled(box: Box, size: tuple[int, int]) -> Box:
    left, top, right, bottom = box
    across, down = (right - left) // 2, (bottom - top) // 2
    return (
        max(0, left - across),
        max(0, top - down),
        min(size[0], right + across),
        min(size[1], bottom + down),
    )


def _free_squares(size: tuple[int, int], boxes: Sequence[Box]) -> list[Box]:
    """The largest squares in the corners that keep clear of every box."""
    width, height = size
    found: list[Box] = []
    for side in range(min(size), MIN_SQUARE_SIDE - 1, -8):
        for left in (0, width - side):
            for top in (0, height - side):
                square = (left, top, left + side, top + side)
                if not any(_near(square, other) for other in (*boxes, *found)):
                    found.append(square)
    return found[:MAX_SQUARES]


def _near(one: Box, other: Box) -> bool:
    return (
        one[0] < other[2] + CLEARANCE
        and other[0] < one[2] + CLEARANCE
        and one[1] < other[3] + CLEARANCE
        and other[1] < one[3] + CLEARANCE
    )


def _skin_share(picture: Image.Image) -> float:
    """Share of pixels of a colour that skin often has: a crude test of chroma (YCbCr)."""
    _, blue, red = (np.asarray(part) for part in picture.convert("YCbCr").split())
    within = (blue > SKIN_BLUE[0]) & (blue < SKIN_BLUE[1])
    within &= (red > SKIN_RED[0]) & (red < SKIN_RED[1])
    return float(within.mean())

"""PDQ fingerprints of pictures (Meta's perceptual hash: 256 bits and a quality from 0 to 100)."""

from __future__ import annotations

from typing import Final

import numpy as np
import pdqhash
from numpy.typing import NDArray

MIN_QUALITY: Final = 50
"""Below it a hash says little of its picture (PDQ's authors): it is neither banked nor sought."""

_FLAT: Final = 8
"""Grey levels within which a row or column is one colour, JPEG noise included."""


def picture_hash(picture: NDArray[np.uint8]) -> tuple[bytes, int]:
    """PDQ hash and quality of a picture (height, width, 3), its plain borders cut off.

    Hash pictures of 512 pixels or less: the time grows with the area, the hash hardly changes.
    """
    bits, quality = pdqhash.compute(np.ascontiguousarray(trim_borders(picture)))
    return _packed(bits), int(quality)


def dihedral_hashes(picture: NDArray[np.uint8]) -> tuple[tuple[bytes, ...], int]:
    """The hashes of the picture turned and mirrored in all eight ways, and its quality.

    Each form is hashed on its own. PDQ's short cut, deriving seven from one, was 26 to 72 bits away
    from them on drawn pictures of 160 to 300 pixels, beyond the radius of a match.
    """
    trimmed = trim_borders(picture)
    turned = [np.rot90(form, turns) for form in (trimmed, trimmed[:, ::-1]) for turns in range(4)]
    hashed = [pdqhash.compute(np.ascontiguousarray(form)) for form in turned]
    return tuple(_packed(bits) for bits, _ in hashed), int(hashed[0][1])


def trim_borders(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture without plain rows and columns around it; as it is when it is all plain."""
    spread_rows = np.ptp(picture.astype(np.int16), axis=1).max(axis=1) > _FLAT
    spread_columns = np.ptp(picture.astype(np.int16), axis=0).max(axis=1) > _FLAT
    if not spread_rows.any() or not spread_columns.any():
        return picture
    top, left = int(spread_rows.argmax()), int(spread_columns.argmax())
    bottom = len(spread_rows) - int(spread_rows[::-1].argmax())
    right = len(spread_columns) - int(spread_columns[::-1].argmax())
    return picture[top:bottom, left:right]


def _packed(bits: NDArray[np.uint8]) -> bytes:
    # The first element is the most significant bit, as PDQ's hexadecimal form has it.
    return np.packbits(bits.astype(np.uint8)).tobytes()

"""Media that no decoder should accept."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Final

from workers.demo.make_samples.scenes import mountains

BOMB_SIDE_PIXELS: Final = 60_000
"""3.6 billion pixels: 10.8 GB once decoded, in a file of well under a kilobyte."""

_KEPT_SHARE: Final = 0.4
"""Of the bytes of the truncated picture: past the header, in the middle of the scan."""


def truncated_image() -> bytes:
    """A JPEG whose upload broke off."""
    whole = io.BytesIO()
    mountains().save(whole, "JPEG", quality=80)
    return whole.getvalue()[: int(len(whole.getvalue()) * _KEPT_SHARE)]


def bomb() -> bytes:
    """A PNG with a well-formed header of enormous size, and almost nothing behind it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = zlib.crc32(kind + body)
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)

    # PNG specification, 11.2.2: width, height, bit depth 8, colour type 2 (RGB), no interlacing.
    header = struct.pack(">IIBBBBB", BOMB_SIDE_PIXELS, BOMB_SIDE_PIXELS, 8, 2, 0, 0, 0)
    first_rows = zlib.compress(bytes(BOMB_SIDE_PIXELS))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", first_rows)
        + chunk(b"IEND", b"")
    )


BROKEN: Final[dict[str, Callable[[], bytes]]] = {
    "truncated.jpg": truncated_image,
    "bomb.png": bomb,
}

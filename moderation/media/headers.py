"""Format and size of a picture from its first bytes, before any decoder sees it.

Decoders allocate by the size that the header claims (a WebP of 34 bytes can claim 268 megapixels),
so the claim is judged first.
"""

from __future__ import annotations

import struct
from enum import StrEnum
from typing import Final

from moderation.media.errors import UndecodableMediaError, UnsupportedMediaError
from moderation.media.pieces import jpeg_segments

_FRAME_STARTS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""SOF0 to SOF15 of ITU-T T.81; the three taken out are tables and extensions within its range."""

_LEAST_FRAME_BYTES: Final = 9
"""Marker, length, precision, height and width."""


class ImageFormat(StrEnum):
    """The accepted formats, by Pillow's names."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"


def image_format(raw: bytes) -> ImageFormat:
    """The format by its signature; file names and declared media types are not trusted.

    Raises:
        UndecodableMediaError: there are no bytes.
        UnsupportedMediaError: none of the accepted formats.
    """
    if not raw:
        raise UndecodableMediaError("the picture has no bytes; upload it again")
    if raw.startswith(b"\xff\xd8\xff"):
        return ImageFormat.JPEG
    if raw.startswith(b"\x89PNG\r\n\x1a\n"):
        return ImageFormat.PNG
    if raw.startswith(b"RIFF") and raw[8:12] == b"WEBP":
        return ImageFormat.WEBP
    if raw.startswith((b"GIF87a", b"GIF89a")):
        return ImageFormat.GIF
    raise UnsupportedMediaError(
        f"no accepted picture format (begins with {raw[:4].hex()}); send JPEG, PNG, WebP or GIF"
    )


def image_size(raw: bytes, kind: ImageFormat) -> tuple[int, int]:
    """Width and height in pixels as the header claims them.

    Raises:
        UndecodableMediaError: the header is broken or cut.
    """
    try:
        width, height = _READERS[kind](raw)
    except (struct.error, IndexError):
        raise UndecodableMediaError(
            f"the {kind} header is cut or broken; upload it again"
        ) from None
    if width < 1 or height < 1:
        raise UndecodableMediaError(f"the {kind} header claims {width}x{height} px")
    return width, height


def _png_size(raw: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", raw, 16)
    return width, height


def _gif_size(raw: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", raw, 6)
    return width, height


def _webp_size(raw: bytes) -> tuple[int, int]:
    # RFC 9649: three kinds of first chunk, each with its own packing.
    chunk = raw[12:16]
    if chunk == b"VP8X":
        return (
            1 + int.from_bytes(raw[24:27], "little"),
            1 + int.from_bytes(raw[27:30], "little"),
        )
    if chunk == b"VP8L":
        (bits,) = struct.unpack_from("<I", raw, 21)
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", raw, 26)
    return width & 0x3FFF, height & 0x3FFF


def jpeg_frame(raw: bytes) -> tuple[int, int, int]:
    """The marker of a JPEG's first frame, which names its coding, and its width and height.

    Raises:
        UndecodableMediaError: the header is broken or cut.
    """
    for segment in jpeg_segments(raw):
        if segment.marker in _FRAME_STARTS and segment.end - segment.start >= _LEAST_FRAME_BYTES:
            height, width = struct.unpack_from(">HH", raw, segment.start + 5)
            return segment.marker, width, height
    raise UndecodableMediaError("the JPEG has no frame before its first scan; upload it again")


def _jpeg_size(raw: bytes) -> tuple[int, int]:
    return jpeg_frame(raw)[1:]


_READERS = {
    ImageFormat.JPEG: _jpeg_size,
    ImageFormat.PNG: _png_size,
    ImageFormat.WEBP: _webp_size,
    ImageFormat.GIF: _gif_size,
}

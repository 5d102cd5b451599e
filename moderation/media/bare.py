"""A picture without what is no picture: profiles, comments, EXIF, thumbnails, further frames.

Decoders parse all of that in code of their own, and a crafted file makes them pay for it: EXIF of
100 kB whose 3,000 entries all lie took two seconds and wrote as many warnings into the log, texts
in a PNG unpack to a thousand times their size. So decoders get the pixels only. The one thing of
use, which way is up, is read here.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from moderation.media.headers import ImageFormat
from moderation.media.pieces import START_OF_SCAN, jpeg_segments, png_chunks, riff_chunks

UPRIGHT: Final = 1
"""EXIF 2.32, tag 0x0112: rows go down, columns go right."""

_ORIENTATION_TAG: Final = 0x0112
_SHORT: Final = 3
_MAX_ENTRIES: Final = 256
"""Of the first directory, where cameras write some twenty."""

_EXIF_NAME: Final = b"Exif\0\0"
_APP1: Final = 0xE1
_NO_PICTURE: Final = (frozenset(range(0xE1, 0xF0)) | {0xFE}) - {0xEE}
"""JPEG's application segments and comments, but for APP0 (JFIF) and APP14 (Adobe), without which
colours cannot be told."""

_PNG_PICTURE: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
_VP8X_ANIMATION: Final = 0x02


@dataclass(frozen=True, slots=True)
class BarePicture:
    """What is left for a decoder, and what was learnt from the rest."""

    raw: bytes
    orientation: int = UPRIGHT
    """As EXIF counts them, 1..8."""
    is_animated: bool = False
    """Whether there are further frames: known for PNG and WebP, which say so in front."""


def bare_picture(raw: bytes, kind: ImageFormat) -> BarePicture:
    """Leave out what is no picture.

    Raises:
        UndecodableMediaError: the file's pieces do not hang together.
    """
    strip = _STRIPPERS.get(kind)
    return BarePicture(raw) if strip is None else strip(raw)


def _bare_jpeg(raw: bytes) -> BarePicture:
    orientation, kept, start = UPRIGHT, [raw[:2]], 2
    for segment in jpeg_segments(raw):
        start = segment.end
        if segment.marker == START_OF_SCAN:
            start = segment.start
        elif segment.marker not in _NO_PICTURE:
            kept.append(raw[segment.start : segment.end])
        elif segment.marker == _APP1 and raw.startswith(_EXIF_NAME, segment.start + 4):
            exif = raw[segment.start + 4 + len(_EXIF_NAME) : segment.end]
            orientation = _orientation(exif)
    return BarePicture(b"".join([*kept, memoryview(raw)[start:]]), orientation)


def _bare_png(raw: bytes) -> BarePicture:
    orientation, is_animated, kept = UPRIGHT, False, [memoryview(raw)[:8]]
    for chunk in png_chunks(raw):
        if chunk.name in _PNG_PICTURE:
            kept.append(memoryview(raw)[chunk.start : chunk.end])
        elif chunk.name == b"eXIf":
            orientation = _orientation(raw[chunk.body])
        elif chunk.name == b"acTL":
            is_animated = int.from_bytes(raw[chunk.body][:4], "big") > 1
    return BarePicture(b"".join(kept), orientation, is_animated)


def _bare_webp(raw: bytes) -> BarePicture:
    # Its decoder hands the other chunks out unread, so they may stay.
    orientation, is_animated = UPRIGHT, False
    for chunk in riff_chunks(raw):
        if chunk.name == b"EXIF":
            orientation = _orientation(raw[chunk.body].removeprefix(_EXIF_NAME))
        elif chunk.name == b"VP8X":
            is_animated = bool(raw[chunk.body][0] & _VP8X_ANIMATION)
    return BarePicture(raw, orientation, is_animated)


_STRIPPERS: Final[dict[ImageFormat, Callable[[bytes], BarePicture]]] = {
    ImageFormat.JPEG: _bare_jpeg,
    ImageFormat.PNG: _bare_png,
    ImageFormat.WEBP: _bare_webp,
}


def _orientation(exif: bytes) -> int:
    """From a TIFF structure's first directory; upright where it does not say, or is broken."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None:
        return UPRIGHT
    for tag, kind, value in _entries(exif, order):
        if tag == _ORIENTATION_TAG:
            return value if kind == _SHORT and value in _TURNED else UPRIGHT
    return UPRIGHT


_TURNED: Final = range(1, 9)


def _entries(exif: bytes, order: str) -> Iterator[tuple[int, int, int]]:
    """Tag, type and first short of each entry, as many as are there."""
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for number in range(min(count, _MAX_ENTRIES)):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * number)
            yield tag, kind, value
    except struct.error:
        return

"""The pieces that JPEG, PNG and WebP files are made of, walked without believing any of them.

Only lengths are followed; what a piece holds is for the caller. A file is refused that has so many
pieces that walking them alone would cost time: a million empty ones take a second of Python, and no
writer makes them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import Final, NamedTuple

from moderation.media.errors import UndecodableMediaError

MAX_PIECES: Final = 16_384
"""Of one file. 20 MiB of PNG in the 8 KiB that libpng writes at a time are 2,560."""

START_OF_SCAN: Final = 0xDA

_NOT_FILL: Final = re.compile(rb"[^\xff]")


class Segment(NamedTuple):
    """A JPEG segment: ``raw[start:end]`` with its marker and length."""

    marker: int
    start: int
    end: int


class Chunk(NamedTuple):
    """A chunk of PNG or RIFF: ``raw[start:end]`` with name, length and checksum around its body."""

    name: bytes
    start: int
    end: int
    body: slice


def jpeg_segments(raw: bytes) -> Iterator[Segment]:
    """The segments of a JPEG up to its first scan, that one's header included.

    ITU-T T.81 annex B: a marker, for which any number of fill bytes may stand before, then a length
    that counts itself.

    Raises:
        UndecodableMediaError: there is something else in between, the file ends before its first
            scan, or there are more segments than any writer makes.
    """
    place = 2
    for _ in range(MAX_PIECES):
        found = _NOT_FILL.search(raw, place)
        if found is None or found.start() == place or found.start() + 3 > len(raw):
            raise UndecodableMediaError("the JPEG header is cut or broken; upload it again")
        start, marker = found.start() - 1, raw[found.start()]
        (length,) = struct.unpack_from(">H", raw, start + 2)
        place = start + 2 + length
        if length < 2 or place > len(raw):  # noqa: PLR2004 - the length counts its own two bytes
            raise UndecodableMediaError("the JPEG header is cut or broken; upload it again")
        yield Segment(marker, start, place)
        if marker == START_OF_SCAN:
            return
    raise _too_many("JPEG")


def png_chunks(raw: bytes) -> Iterator[Chunk]:
    """The chunks of a PNG, to its end or as far as they are whole.

    Raises:
        UndecodableMediaError: there are more than any writer makes.
    """
    place = 8  # of the signature
    for _ in range(MAX_PIECES):
        if place + 12 > len(raw):
            return
        length, name = struct.unpack_from(">I4s", raw, place)
        end = place + 12 + length  # with the checksum of four bytes
        if end > len(raw):
            return
        yield Chunk(name, place, end, slice(place + 8, end - 4))
        if name == b"IEND":
            return
        place = end
    raise _too_many("PNG")


def riff_chunks(raw: bytes) -> Iterator[Chunk]:
    """The chunks of a WebP or WAV, to its end or as far as they are whole.

    Raises:
        UndecodableMediaError: there are more than any writer makes.
    """
    place = 12
    for _ in range(MAX_PIECES):
        if place + 8 > len(raw):
            return
        name, length = struct.unpack_from("<4sI", raw, place)
        end = place + 8 + length
        if end > len(raw):
            return
        yield Chunk(name, place, end, slice(place + 8, end))
        place = end + length % 2
    raise _too_many("RIFF file")


def _too_many(what: str) -> UndecodableMediaError:
    return UndecodableMediaError(
        f"the {what} has more than {MAX_PIECES:,} pieces, which no program writes; save it anew"
    )

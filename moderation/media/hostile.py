"""Which files may be decoded in a thread, and which only where they can be stopped.

A thread cannot be killed: what hangs in it hangs until the worker ends, and what takes all memory
takes the worker's. So only files stay in threads whose cost is bounded by what was checked in front
(size in bytes, pixels, channels, seconds). Measured on one core with crafted files of at most
20 MiB and 50 megapixels:

- JPEG: half a second, but 18 ms more for every further scan, of which 200 fit into 210 kB and
  20,000 into the limit: six minutes. Only those with many scans go to a child.
- PNG, still WebP, WAV and FLAC: under two seconds whatever is in them, by their size.
- GIF, animations, MP3, Vorbis and Opus: none that hangs was found. They go to a child all the same:
  frames and pages are searched for through the whole file, and it is such decoders in which a
  crafted file writes where it should not.
"""

from __future__ import annotations

from typing import Final

from moderation.media.bare import bare_picture
from moderation.media.headers import ImageFormat, image_format, jpeg_frame

MAX_PLAIN_SCANS: Final = 24
"""Of a JPEG. Programs write 1, progressive ones 10, and a few with 4 components up to 20."""

_SCAN: Final = b"\xff\xda"
_HUFFMAN_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive; the rest are arithmetic, lossless and hierarchical codings
that cameras do not write."""


def is_plain_image(raw: bytes) -> bool:
    """Whether the picture's cost is bounded by its size in pixels and bytes.

    Raises:
        MediaError: it is no picture at all.
    """
    kind = image_format(raw)
    if kind is ImageFormat.JPEG:
        return raw.count(_SCAN) <= MAX_PLAIN_SCANS and jpeg_frame(raw)[0] in _HUFFMAN_FRAMES
    if kind is ImageFormat.WEBP:
        return not bare_picture(raw, kind).is_animated
    return kind is ImageFormat.PNG


def is_plain_audio(raw: bytes) -> bool:
    """Whether the sound's cost is bounded by its length in bytes and seconds: WAV and FLAC."""
    return raw.startswith((b"RIFF", b"fLaC"))

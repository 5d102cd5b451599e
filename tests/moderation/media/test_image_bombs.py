"""Pictures that are small on disk and would be huge, or slow, in memory."""

from __future__ import annotations

import struct
import zlib

import pytest

from moderation.media import (
    MediaLimits,
    MediaTooLargeError,
    UndecodableMediaError,
    decode_image,
)
from tests.moderation.media.corpus import encoded, picture, png_bomb, png_chunk

LIMITS = MediaLimits()


def webp_bomb() -> bytes:
    # A lossless WebP whose header claims 16383 x 16383 pixels.
    bits = 16_382 | 16_382 << 14
    chunk = b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", bits) + b"\0" * 5
    return b"RIFF" + struct.pack("<I", 4 + len(chunk)) + b"WEBP" + chunk


def jpeg_bomb() -> bytes:
    raw = bytearray(encoded(picture(), "JPEG"))
    place = raw.index(b"\xff\xc0")
    raw[place + 5 : place + 9] = struct.pack(">HH", 60_000, 60_000)
    return bytes(raw)


def gif_bomb() -> bytes:
    return b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0" * 20


@pytest.mark.parametrize(
    "raw",
    [png_bomb(60_000, 60_000), png_bomb(12_000, 12_000), webp_bomb(), jpeg_bomb(), gif_bomb()],
    ids=["png", "png that Pillow only warns of", "webp", "jpeg", "gif"],
)
def test_a_decompression_bomb_is_refused_by_its_header(raw: bytes) -> None:
    with pytest.raises(MediaTooLargeError, match="over the limit"):
        decode_image(raw, LIMITS)


def test_a_gif_frame_larger_than_its_screen_cannot_smuggle_a_bomb() -> None:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 65_535, 65_535, 0) + b"\x02\x01\x00\x00"
    raw = b"GIF89a" + struct.pack("<HHBBB", 8, 8, 0xF0, 0, 0) + b"\0" * 6 + frame + b"\x3b"

    with pytest.raises(MediaTooLargeError):
        decode_image(raw, LIMITS)


def test_side_and_pixel_limits_are_inclusive() -> None:
    raw = encoded(picture((100, 50)), "PNG")

    assert decode_image(raw, MediaLimits(max_pixels=5_000, max_side_px=100)).pixels.size
    for limits in (MediaLimits(max_pixels=4_999), MediaLimits(max_side_px=99)):
        with pytest.raises(MediaTooLargeError):
            decode_image(raw, limits)


def lying_exif(entries: int) -> bytes:
    """A directory whose entries all claim four gigabytes."""
    body = b"".join(struct.pack("<HHII", tag, 7, 2**32 - 1, 8) for tag in range(1, entries + 1))
    return b"II*\0" + struct.pack("<IH", 8, entries) + body + struct.pack("<I", 0)


def test_exif_that_lies_costs_no_picture_and_no_line_in_the_log() -> None:
    png = encoded(picture(), "PNG")
    raw = png[:33] + png_chunk(b"eXIf", lying_exif(3_000)) + png[33:]

    assert decode_image(raw, LIMITS).pixels.shape == (48, 64, 3)  # a warning would be an error


def test_texts_and_profiles_that_unpack_to_gigabytes_are_never_unpacked() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    png = encoded(picture(), "PNG")
    texts = b"".join(png_chunk(b"zTXt", b"k%d\0\0" % number + bomb) for number in range(50))
    profile = png_chunk(b"iCCP", b"k\0\0" + bomb)

    assert decode_image(png[:33] + profile + texts + png[33:], LIMITS).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xd8" + b"\xff\xfe\x00\x02" * 100_000 + encoded(picture(), "JPEG")[2:],
        encoded(picture(), "PNG")[:33] + png_chunk(b"teXt", b"") * 100_000,
    ],
    ids=["jpeg", "png"],
)
def test_a_file_of_a_hundred_thousand_empty_pieces_is_undecodable(raw: bytes) -> None:
    with pytest.raises(UndecodableMediaError, match="pieces, which no program writes"):
        decode_image(raw, LIMITS)


def test_fill_bytes_before_a_marker_are_skipped_however_many_there_are() -> None:
    jpeg = encoded(picture(), "JPEG")

    padded = jpeg[:2] + b"\xff" * 5_000_000 + jpeg[2:]

    assert decode_image(padded, LIMITS).pixels.shape == (48, 64, 3)

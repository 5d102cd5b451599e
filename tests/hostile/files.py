"""Media made by code: whole ones of every accepted format, and such as are meant to hurt."""

from __future__ import annotations

import struct
import zlib
from functools import cache

import numpy as np
from PIL import Image

from tests.moderation.media.corpus import (
    animated_gif,
    encoded,
    picture,
    png_bomb,
    png_chunk,
    scan_bomb,
    sound,
    tone,
    wav_header,
)


@cache
def pictures() -> dict[str, bytes]:
    """Whole pictures by name; small, so that mutations of them are."""
    frames = [Image.new("RGB", (24, 24), colour) for colour in ("red", "green", "blue")]
    more = {"save_all": True, "append_images": frames[1:]}
    deep = Image.fromarray(np.arange(24 * 24, dtype=np.uint16).reshape(24, 24) * 100)
    small = picture((40, 24))
    exif = Image.Exif()
    exif[0x0112] = 6
    return {
        "jpeg": encoded(small, "JPEG"),
        "jpeg progressive": encoded(small, "JPEG", progressive=True),
        "jpeg cmyk": encoded(picture((40, 24), "CMYK"), "JPEG"),
        "jpeg grey": encoded(picture((40, 24), "L"), "JPEG"),
        "jpeg turned": encoded(small, "JPEG", exif=exif),
        "jpeg of two pictures": encoded(frames[0], "MPO", **more),
        "png": encoded(small, "PNG"),
        "png 16 bit": encoded(deep, "PNG"),
        "png 16 bit colours": _deep_colours(),
        "png palette": encoded(picture((40, 24), "P"), "PNG"),
        "png transparent": encoded(picture((40, 24), "RGBA"), "PNG"),
        "png bilevel": encoded(picture((40, 24), "1"), "PNG"),
        "png animated": encoded(frames[0], "PNG", **more),
        "webp": encoded(small, "WEBP"),
        "webp lossless": encoded(picture((40, 24), "RGBA"), "WEBP", lossless=True),
        "webp animated": encoded(frames[0], "WEBP", **more),
        "gif": encoded(small, "GIF"),
        "gif animated": animated_gif(),
    }


@cache
def sounds() -> dict[str, bytes]:
    """Whole sounds by name."""
    noise = np.random.default_rng(4).normal(0, 0.2, (2_000, 2)).astype(np.float32)
    return {
        "wav": sound(tone(0.1)),
        "wav 8 bit": sound(tone(0.1), subtype="PCM_U8"),
        "wav 24 bit stereo": sound(noise, 44_100, subtype="PCM_24"),
        "wav float": sound(noise, 8_000, subtype="DOUBLE"),
        "wav 192 kHz": sound(noise, 192_000),
        "wav 191,999 Hz": sound(noise, 191_999),
        "wav 8 channels": sound(np.repeat(noise, 4, axis=1), 8_000),
        "wav adpcm": sound(tone(0.1), subtype="MS_ADPCM"),
        "flac": sound(noise, 44_100, "FLAC"),
        "ogg": sound(noise, 44_100, "OGG"),
        "opus": sound(tone(0.1, 48_000), 48_000, "OGG", "OPUS"),
        "mp3": sound(noise, 44_100, "MP3"),
        "aiff": sound(tone(0.1), kind="AIFF"),
    }


@cache
def picture_bombs() -> dict[str, bytes]:
    """Pictures that cost far more than their bytes, or try to."""
    png = encoded(picture((8, 8)), "PNG")
    gigabyte = zlib.compress(zlib.compress(bytes(20_000_000)))
    lying = b"".join(struct.pack("<HHII", tag, 7, 2**32 - 1, 8) for tag in range(1, 2_000))
    exif = b"II*\0" + struct.pack("<IH", 8, 1_999) + lying + bytes(4)
    screen = b"GIF89a" + struct.pack("<HH", 1, 1) + b"\0\0\0"
    huge_frame = b"\x2c" + struct.pack("<HHHH", 0, 0, 65_535, 65_535) + b"\0\x08\x02\x4c\x01\0\x3b"
    claim = b"VP8L" + struct.pack("<I", 10) + b"\x2f" + struct.pack("<I", 16_382 | 16_382 << 14)
    large = Image.new("RGB", (2_500, 2_000))
    return {
        "png that claims 3.6 gigapixels": png_bomb(60_000, 60_000),
        "png that claims 50 megapixels": png_bomb(7_071, 7_071),
        "png of 5 megapixels in 15 kB": encoded(large, "PNG"),
        "png with a bomb of text": png[:33] + png_chunk(b"zTXt", b"k\0\0" + gigabyte) + png[33:],
        "png with a bomb of a profile": png[:33] + png_chunk(b"iCCP", b"k\0\0" + gigabyte),
        "png with lying exif": png[:33] + png_chunk(b"eXIf", exif) + png[33:],
        "png of empty chunks": png[:33] + png_chunk(b"teXt", b"") * 20_000 + png[33:],
        "png of empty data": png[:33] + png_chunk(b"IDAT", b"") * 10_000 + png[33:],
        "jpeg of many scans": scan_bomb(side=512, scans=300),
        "jpeg of very many scans": scan_bomb(side=2_000, scans=4_000),
        "jpeg of fill bytes": b"\xff\xd8" + b"\xff" * 300_000,
        "jpeg of comments": b"\xff\xd8" + b"\xff\xfe\0\2" * 20_000 + encoded(large, "JPEG")[2:],
        "gif whose first frame is huge": screen + huge_frame,
        "gif whose second frame is huge": encoded(picture((8, 8), "P"), "GIF")[:-1] + huge_frame,
        "gif of comments": screen + b"\x21\xfe\x01a\0" * 50_000 + b"\x3b",
        "webp that claims 268 megapixels": b"RIFF" + struct.pack("<I", 27) + b"WEBP" + claim,
    }


@cache
def sound_bombs() -> dict[str, bytes]:
    """Sounds that cost far more than their bytes, or try to."""
    link = sound(tone(0.02), kind="OGG")
    flac = sound(tone(0.1), kind="FLAC")
    return {
        "hours of silence": sound(np.zeros(8_000 * 3_600, np.int16), 8_000, "FLAC"),
        "ten minutes of silence": sound(np.zeros(8_000 * 599, np.int16), 8_000, "FLAC"),
        "wav of 4 GB in 44 bytes": wav_header(44_100, frames=2**30),
        "wav at 2 GHz": wav_header(2_000_000_000, frames=100) + bytes(200),
        "wav at 1 Hz": wav_header(1, frames=100) + bytes(200),
        "wav at 0 Hz": wav_header(0, frames=100) + bytes(200),
        "wav of 30,000 channels": wav_header(16_000, frames=1, channels=30_000) + bytes(60_000),
        "wav of empty lists": b"RIFF\xff\xff\xff\x7fWAVE" + b"LIST\0\0\0\0" * 20_000,
        "ogg of 300 streams": link * 300,
        "mp3 of empty tags": b"ID3\4\0\0\0\0\0\0" * 20_000 + sound(tone(0.1), kind="MP3"),
        "mp3 of frame heads": b"\xff\xfb\x90\x64" * 40_000,
        "mp3 then zeros": sound(tone(0.1), kind="MP3")[:300] + bytes(300_000),
        "tag that claims 256 MB": b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(1_000),
        "flac of applications": flac[:42] + (b"\2\0\0\4" + bytes(4)) * 20_000 + flac[42:],
    }


def polyglots(first: bytes, second: bytes) -> list[bytes]:
    """Files that two formats may claim: one after the other, one inside the other."""
    return [
        first + second,
        first[:12] + second,
        first[: len(first) // 2] + second + first[len(first) // 2 :],
        b"PK\3\4" + first + second,
        first + b"PK\5\6" + bytes(18),
        b"%PDF-1.7\n" + first,
        b"<svg>" + first,
    ]


def _deep_colours() -> bytes:
    header = struct.pack(">IIBBBBB", 8, 8, 16, 6, 0, 0, 0)  # RGBA of 16 bits each
    rows = b"".join(b"\0" + bytes(range(64)) for _ in range(8))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )

"""Media made by code, whole and broken, for the tests of decoding."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import soundfile
from hypothesis import strategies as st
from PIL import Image

from moderation.media import MediaError, MediaLimits

Decoded = TypeVar("Decoded")

PURPLE = (160, 32, 200)


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Left half purple, right half white, so that orientation shows."""
    image = Image.new("RGB", size, "white")
    image.paste(PURPLE, (0, 0, size[0] // 2, size[1]))
    return image.quantize(8) if mode == "P" else image.convert(mode)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png_bomb(width: int, height: int) -> bytes:
    """A few bytes that claim a picture of the given size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(b"\0" * 1000))
        + png_chunk(b"IEND", b"")
    )


def scan_bomb(side: int, scans: int) -> bytes:
    """A progressive JPEG whose last scan stands there again and again: each costs a whole pass."""
    raw = encoded(Image.new("L", (side, side), 128), "JPEG", progressive=True)
    last = raw.rindex(b"\xff\xda")
    tables = raw.rfind(b"\xff\xc4", raw.rindex(b"\xff\xda", 0, last), last)
    again = raw[tables if tables > 0 else last : -2]
    return raw[:-2] + again * scans + raw[-2:]


def animated_gif(frames: int = 3) -> bytes:
    """The first frame is purple, the others are not."""
    colours = [PURPLE, (0, 0, 0), (0, 200, 0), (0, 0, 200)]
    pictures = [Image.new("RGB", (32, 32), colours[place % 4]) for place in range(frames)]
    return encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=100)


def tone(seconds: float = 0.5, rate: int = 16_000, channels: int = 1) -> np.ndarray:
    """A sine of 440 Hz, shape = (samples, channels)."""
    time = np.arange(int(seconds * rate)) / rate
    wave = (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    return np.repeat(wave[:, None], channels, axis=1)


def sound(
    samples: np.ndarray, rate: int = 16_000, kind: str = "WAV", subtype: str | None = None
) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, format=kind, subtype=subtype)
    return out.getvalue()


def wav_header(rate: int, frames: int, channels: int = 1) -> bytes:
    """A 16-bit WAV header that claims that much sound, without the sound."""
    size = min(frames * channels * 2, 0xFFFFFFFE)
    return (
        b"RIFF"
        + struct.pack("<I", min(size + 36, 0xFFFFFFFF))
        + b"WAVEfmt "
        + struct.pack(
            "<IHHIIHH", 16, 1, channels, rate, (rate * channels * 2) % 2**32, channels * 2, 16
        )
        + b"data"
        + struct.pack("<I", size)
    )


@dataclass(frozen=True)
class Damage:
    """Bytes that are overwritten, by place, and how much of the file is left."""

    flips: list[tuple[int, int]]
    kept: float

    def done_to(self, file: bytes) -> bytes:
        raw = bytearray(file)
        for place, value in self.flips:
            raw[place % len(raw)] = value
        return bytes(raw[: int(len(raw) * self.kept)])


DAMAGES = st.builds(
    Damage,
    st.lists(st.tuples(st.integers(0, 5_000), st.integers(0, 255)), max_size=12),
    st.floats(0.0, 1.0),
)


def outcome(
    decode: Callable[[bytes, MediaLimits], Decoded], raw: bytes, limits: MediaLimits
) -> Decoded | MediaError:
    """What decoding gives, or the error with which it refuses; any other error is a failure."""
    try:
        return decode(raw, limits)
    except MediaError as error:
        return error

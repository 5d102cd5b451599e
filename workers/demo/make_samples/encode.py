"""Drawings and waveforms as files."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import numpy as np
import soundfile
from PIL import Image

from workers.demo.make_samples.sounds import SAMPLE_RATE_HZ, Waveform

_JPEG_QUALITY: Final = 80  # artefacts stay invisible at this size, and files below 15 kB
_SAME_SOUND: Final = 1e-4  # largest difference of two decodings, in units of full scale


def encode_picture(picture: Image.Image, suffix: str) -> bytes:
    """The picture as a file of the suffix's format."""
    file = io.BytesIO()
    match suffix:
        case ".jpg":
            picture.save(file, "JPEG", quality=_JPEG_QUALITY)
        case ".webp":
            picture.save(file, "WEBP", quality=_JPEG_QUALITY)
        case _:
            picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def write_sound(path: Path, wave: Waveform) -> None:
    """Write the waveform in the format of the path's suffix, unless it is there already."""
    # An Ogg stream carries a random serial number; equal sound is left as it is, so that making
    # the samples again changes no file.
    file = io.BytesIO()
    soundfile.write(file, wave, SAMPLE_RATE_HZ, format=path.suffix[1:].upper())
    if path.exists():
        old, _ = soundfile.read(path, dtype="float32")
        new, _ = soundfile.read(io.BytesIO(file.getvalue()), dtype="float32")
        if old.shape == new.shape and np.allclose(old, new, atol=_SAME_SOUND):
            return
    path.write_bytes(file.getvalue())

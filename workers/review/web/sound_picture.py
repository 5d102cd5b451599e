"""A sound to look at before it is heard: its waveform above its spectrogram."""

from __future__ import annotations

import io
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from moderation.media import Samples

WIDTH: Final = 800
"""Columns: each stands for an equal span of the sound."""
WAVE_HEIGHT: Final = 96
WINDOW: Final = 512
"""Samples of a spectrum: 32 ms at 16 kHz, within which speech hardly changes."""
SPECTRUM_HEIGHT: Final = 128
"""Rows, each of two of the spectrum's bands; 0 Hz at the bottom, 8 kHz at the top."""
RANGE_DB: Final = 80.0
"""From the loudest down to what is drawn as silence: about what 16 kHz speech holds."""
BACKGROUND: Final = (18, 24, 28)
WAVE: Final = (120, 190, 197)
COLOURS: Final = np.array(
    [(18, 24, 28), (32, 62, 92), (43, 118, 125), (196, 160, 80), (255, 243, 200)], dtype=np.float32
)
"""From silence to the loudest, each brighter than the one before, so that it reads without hue."""


def sound_picture(samples: Samples) -> bytes:
    """The picture as PNG, :data:`WIDTH` wide, from mono samples in [-1, 1], shape = (samples,)."""
    drawn = np.vstack((_waveform(samples), _spectrogram(samples)))
    buffer = io.BytesIO()
    Image.fromarray(drawn).save(buffer, "PNG")
    return buffer.getvalue()


def _waveform(samples: Samples) -> NDArray[np.uint8]:
    """The loudest moment of each column as a bar about the middle."""
    padded = np.pad(np.abs(samples), (0, -len(samples) % WIDTH))
    loudest = padded.reshape(WIDTH, -1).max(axis=1, initial=0.0)
    half = np.clip(loudest, 0.01, 1.0) * WAVE_HEIGHT / 2  # silence is a line, not nothing
    from_middle = np.abs(np.arange(WAVE_HEIGHT) - (WAVE_HEIGHT - 1) / 2)
    drawn = np.full((WAVE_HEIGHT, WIDTH, 3), BACKGROUND, dtype=np.uint8)
    drawn[from_middle[:, None] <= half[None, :]] = WAVE
    return drawn


def _spectrogram(samples: Samples) -> NDArray[np.uint8]:
    """The spectrum at the start of each column, in decibels below the loudest."""
    padded = np.pad(samples, (0, WINDOW))
    starts = np.linspace(0, len(samples), WIDTH, endpoint=False).astype(np.int64)
    windows = padded[starts[:, None] + np.arange(WINDOW)] * np.hanning(WINDOW)
    strength = np.abs(np.fft.rfft(windows, axis=1))[:, : WINDOW // 2]
    rows = strength.reshape(WIDTH, SPECTRUM_HEIGHT, -1).max(axis=2).T[::-1]
    faintest = 10 ** (-RANGE_DB / 20)
    relative = np.maximum(rows / max(float(rows.max()), 1e-9), faintest)
    level = 1 + 20 * np.log10(relative) / RANGE_DB
    stops = np.linspace(0, 1, len(COLOURS))
    channels = [np.interp(level, stops, COLOURS[:, channel]) for channel in range(3)]
    return np.stack(channels, axis=-1).astype(np.uint8)

"""Synthesised sounds: tones, noise and chirps, without a recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ: Final = 16_000
"""What the classifier listens to, so nothing is resampled."""

Waveform = npt.NDArray[np.float32]
"""Mono, -1 to 1, shape = (samples,), at ``SAMPLE_RATE_HZ``."""

_A4_HZ: Final = 440.0
_MELODY_SEMITONES: Final = (0, 2, 4, 7, 4, 2, 0, -5)
"""Steps from A4, a quarter of a second each."""


def _time(seconds: float) -> npt.NDArray[np.float64]:
    return np.arange(int(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ


def _noise(seconds: float, seed: int) -> npt.NDArray[np.float64]:
    return np.random.default_rng(seed).standard_normal(int(seconds * SAMPLE_RATE_HZ))


def _smooth(wave: npt.NDArray[np.float64], samples: int) -> npt.NDArray[np.float64]:
    return np.convolve(wave, np.ones(samples) / samples, mode="same")


def _levelled(wave: npt.NDArray[np.float64], peak: float = 0.6) -> Waveform:
    levelled: Waveform = (peak * wave / np.max(np.abs(wave))).astype(np.float32)
    return levelled


def tone() -> Waveform:
    """One second of A4."""
    return _levelled(np.sin(2 * np.pi * _A4_HZ * _time(1.0)), peak=0.4)


def melody() -> Waveform:
    """Eight plucked notes."""
    time = _time(0.25)
    notes = [
        np.sin(2 * np.pi * _A4_HZ * 2 ** (step / 12) * time) * np.exp(-6 * time)
        for step in _MELODY_SEMITONES
    ]
    return _levelled(np.concatenate(notes))


def rain() -> Waveform:
    """Steady hiss with single drops."""
    wave = _noise(2.0, seed=1)
    drops = np.random.default_rng(2).random(wave.size) < 40 / SAMPLE_RATE_HZ
    return _levelled(_smooth(wave, 3) + 8 * _smooth(drops.astype(np.float64), 24), peak=0.4)


def sea() -> Waveform:
    """Low noise that swells and ebbs."""
    time = _time(3.0)
    swell = 0.3 + 0.7 * np.sin(np.pi * time / 1.5) ** 2
    return _levelled(_smooth(_noise(3.0, seed=5), 30) * swell)


def birds() -> Waveform:
    """Four rising chirps."""
    time = _time(0.18)
    chirp = np.sin(2 * np.pi * (2400 * time + 4000 * time**2)) * np.hanning(time.size)
    pause = np.zeros(int(0.12 * SAMPLE_RATE_HZ))
    return _levelled(np.concatenate([chirp, pause] * 4), peak=0.5)


def beat() -> Waveform:
    """Two bars of drum and hi-hat."""
    time = _time(0.25)
    drum = np.sin(2 * np.pi * (90 * time - 80 * time**2)) * np.exp(-12 * time)
    hat = 0.25 * _noise(0.25, seed=8) * np.exp(-50 * time)
    return _levelled(np.concatenate([drum + hat, hat, hat, hat] * 2))


SOUNDS: Final[dict[str, Callable[[], Waveform]]] = {
    "tone.wav": tone,
    "melody.ogg": melody,
    "rain.ogg": rain,
    "sea.ogg": sea,
    "birds.flac": birds,
    "beat.ogg": beat,
}

"""Sounds, noisy, loud, faint or cut: float32 mono at 16 kHz in -1..1, shape = (samples,)."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

Waveform = npt.NDArray[np.float32]


def white_noise(sound: Waveform, decibels: float, draw: random.Random) -> Waveform:
    """Noise so many decibels below the sound: 20 is faint, at 0 both are as strong."""
    level = float(np.sqrt(np.mean(np.square(sound)))) * 10 ** (-decibels / 20)
    noise = np.random.default_rng(draw.getrandbits(32)).normal(0, level, len(sound))
    noisy: Waveform = np.clip(sound + noise, -1, 1).astype(np.float32)
    return noisy


def gain(sound: Waveform, decibels: float, _draw: random.Random) -> Waveform:
    """Louder, and clipped where that is too loud, or fainter."""
    changed: Waveform = np.clip(sound * 10 ** (decibels / 20), -1, 1).astype(np.float32)
    return changed


def cut(sound: Waveform, share: float, draw: random.Random) -> Waveform:
    """Only a part, of a share of 0..1 of the length, from anywhere."""
    length = max(1, round(len(sound) * share))
    start = draw.randint(0, len(sound) - length)
    return sound[start : start + length]

"""Changes to training sounds that leave their meaning as it is."""

from __future__ import annotations

import random

import numpy as np
import numpy.typing as npt

from moderation.model import SAMPLE_RATE

MAX_SHIFT_SECONDS = 0.3  # of silence put before a sound
NOISE_DECIBELS = (10.0, 40.0)  # signal over noise


def augment_audio(sound: npt.NDArray[np.float32], draw: random.Random) -> npt.NDArray[np.float32]:
    """Shift, noise: float32 (samples,) in, somewhat longer out."""
    noise = np.random.default_rng(draw.getrandbits(32))
    silence = np.zeros(int(draw.uniform(0, MAX_SHIFT_SECONDS) * SAMPLE_RATE), dtype=np.float32)
    shifted = np.concatenate([silence, sound])
    level = float(np.sqrt(np.mean(sound**2)) + 1e-6) * 10 ** (-draw.uniform(*NOISE_DECIBELS) / 20)
    hiss = noise.standard_normal(len(shifted)).astype(np.float32) * level
    noisy: npt.NDArray[np.float32] = (shifted + hiss).astype(np.float32)
    return noisy

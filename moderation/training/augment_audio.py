"""Changes to training sounds that leave their meaning as it is.

Speed, shift, gain and noise change the waveform (Ko et al., "Audio Augmentation for Speech
Recognition", 2015); SpecAugment (Park et al. 2019) hides parts of the spectrum.
"""

from __future__ import annotations

import random
from functools import lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt
import torchaudio
from torch import Tensor, nn

from moderation.model import SAMPLE_RATE

Wave = npt.NDArray[np.float32]

SPEEDS: Final = (0.9, 1.1)  # pitch changes with it, as from one speaker to another
MAX_SHIFT_SECONDS: Final = 0.3  # of silence put before a sound
GAIN_DECIBELS: Final = (-12.0, 6.0)  # what becomes too loud is clipped, as a microphone does
CLEAN: Final = 0.2  # chance that no noise is added
NOISE_DECIBELS: Final = (5.0, 40.0)  # signal over noise
NOISE_COLOURS: Final = (0.0, 1.0, 2.0)  # power falls by frequency to this: white, pink, brown
NOISE_SECONDS: Final = 64  # of each colour
SILENCE: Final = 1e-12  # power; keeps a ratio finite

TIME_MASKS: Final = 2
TIME_MASK_SPECTRA: Final = 20  # the longest, 0.2 s: a syllable or two, seldom a word
MEL_MASKS: Final = 2
MEL_MASK_SHARE: Final = 0.15  # of the mels, the widest


def augment_audio(sound: Wave, draw: random.Random, max_samples: int) -> Wave:
    """Another speed, place, loudness and noise; all of the sound stays in the window.

    Args:
        sound: float32, shape = (samples,).
        draw: of all changes.
        max_samples: length of the model's window.
    """
    slowest = max(SPEEDS[0], len(sound) / max_samples)
    sound = change_speed(sound, draw.uniform(min(1.0, slowest), SPEEDS[1]))
    room = min(int(MAX_SHIFT_SECONDS * SAMPLE_RATE), max_samples - len(sound))
    silence = np.zeros(draw.randint(0, max(0, room)), dtype=np.float32)
    gain = np.float32(10 ** (draw.uniform(*GAIN_DECIBELS) / 20))
    sound = np.concatenate([silence, sound]) * gain
    if draw.random() >= CLEAN:
        sound = add_noise(sound, draw.uniform(*NOISE_DECIBELS), draw)
    return sound.clip(-1, 1)


def change_speed(sound: Wave, speed: float) -> Wave:
    """Play faster or slower, by linear interpolation."""
    places = np.arange(0, len(sound) - 1, speed)
    changed: Wave = np.interp(places, np.arange(len(sound)), sound).astype(np.float32)
    return changed


def add_noise(sound: Wave, decibels: float, draw: random.Random) -> Wave:
    """Add noise of a drawn colour.

    Args:
        sound: float32, shape = (samples,).
        decibels: power of the sound over that of the noise.
        draw: of colour and noise.
    """
    noise = noise_of(draw.choice(NOISE_COLOURS))
    places = np.arange(len(sound)) + draw.randrange(len(noise))
    noise = noise.take(places, mode="wrap")
    power = np.mean(sound**2) / (np.mean(noise**2) + SILENCE)
    level = np.sqrt(power) * np.float32(10 ** (-decibels / 20))
    noisy: Wave = sound + noise * level
    return noisy


@lru_cache
def noise_of(colour: float) -> Wave:
    """A stretch of noise to cut from, which is much faster than making it each time.

    Args:
        colour: power falls by frequency to this.

    Returns:
        float32, shape = (:data:`NOISE_SECONDS` in samples,).
    """
    samples = NOISE_SECONDS * SAMPLE_RATE
    spectrum = np.fft.rfft(np.random.default_rng(0).standard_normal(samples))
    frequencies = np.maximum(np.arange(len(spectrum)), 1)
    noise = np.fft.irfft(spectrum * frequencies ** (-colour / 2), samples)
    evened: Wave = (noise / noise.std()).astype(np.float32)
    return evened


class SpectrumMasking(nn.Module):
    """SpecAugment: bands of time and pitch fall silent, while the encoder trains.

    Args:
        mels: bands of the spectrum.
    """

    def __init__(self, mels: int) -> None:
        super().__init__()
        self.mask = torchaudio.transforms.SpecAugment(
            n_time_masks=TIME_MASKS,
            time_mask_param=TIME_MASK_SPECTRA,
            n_freq_masks=MEL_MASKS,
            freq_mask_param=max(1, round(MEL_MASK_SHARE * mels)),
            p=MEL_MASK_SHARE,
            zero_masking=True,
        )

    def forward(self, mel_power: Tensor) -> Tensor:
        """Mask (sounds, mels, spectra) of power, in training only."""
        masked: Tensor = self.mask(mel_power) if self.training else mel_power
        return masked

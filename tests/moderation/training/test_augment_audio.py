"""Sounds at another speed, place, loudness and noise."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from moderation.training.augment_audio import (
    SpectrumMasking,
    add_noise,
    augment_audio,
    change_speed,
)

WINDOW = 16_000


def tone(samples: int = 8000) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.5 * np.sin(np.arange(samples) / 9)).astype(np.float32)


@pytest.mark.parametrize("samples", [1600, 8000, 15_900, WINDOW])
def test_all_of_a_changed_sound_stays_in_the_window(samples: int) -> None:
    for seed in range(20):
        changed = augment_audio(tone(samples), random.Random(seed), WINDOW)
        assert changed.dtype == np.float32
        assert samples / 1.11 <= len(changed) <= WINDOW
        assert float(np.abs(changed).max()) <= 1


def test_noise_has_the_power_that_is_asked_for() -> None:
    for seed in range(6):
        noise = add_noise(tone(), 10, random.Random(seed)) - tone()
        ratio = np.mean(tone() ** 2) / np.mean(noise**2)
        assert 10 * np.log10(ratio) == pytest.approx(10, abs=0.1)


def test_a_silent_sound_stays_finite() -> None:
    changed = augment_audio(np.zeros(4000, np.float32), random.Random(1), WINDOW)
    assert bool(np.isfinite(changed).all())


def test_a_faster_sound_is_shorter() -> None:
    assert len(change_speed(tone(), 1.1)) == pytest.approx(8000 / 1.1, abs=2)


def test_parts_of_the_spectrum_fall_silent_in_training_only() -> None:
    torch.manual_seed(1)
    masking, power = SpectrumMasking(16), torch.ones(3, 16, 200)
    masked = masking(power)
    silent = (masked == 0).float().mean(dim=(1, 2))
    assert bool((silent > 0).any())
    assert bool((silent < 0.6).all())
    assert masking.eval()(power).equal(power)

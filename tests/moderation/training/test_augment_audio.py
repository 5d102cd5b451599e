"""Sounds at another speed, place, loudness and noise."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from moderation.model import SAMPLE_RATE
from moderation.training import augment_audio as module
from moderation.training.augment_audio import (
    GAIN_DECIBELS,
    MAX_SHIFT_SECONDS,
    SpectrumMasking,
    add_noise,
    augment_audio,
    change_speed,
)

WINDOW = SAMPLE_RATE


def tone(samples: int = 8000) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return (0.5 * np.sin(np.arange(samples) / 9)).astype(np.float32)


@pytest.mark.parametrize("samples", [1600, 8000, 15_900, WINDOW])
def test_all_of_a_changed_sound_stays_in_the_window(samples: int) -> None:
    for seed in range(20):
        changed = augment_audio(tone(samples), random.Random(seed), WINDOW)
        assert changed.dtype == np.float32
        assert samples / 1.11 <= len(changed) <= WINDOW
        assert float(np.abs(changed).max()) <= 1


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """No noise is added."""
    monkeypatch.setattr(module, "CLEAN", 1.0)


@pytest.mark.usefixtures("quiet")
def test_a_sound_begins_later_and_is_louder_or_fainter() -> None:
    level = np.full(8000, 0.3, np.float32)
    starts, gains = [], []
    for seed in range(40):
        changed = augment_audio(level, random.Random(seed), 4 * WINDOW)
        starts.append(int(np.flatnonzero(changed)[0]))
        gains.append(20 * np.log10(changed[-1] / 0.3))
    assert min(starts) < 500
    assert 4000 < max(starts) <= MAX_SHIFT_SECONDS * SAMPLE_RATE
    low, high = GAIN_DECIBELS
    assert low - 0.01 <= min(gains) < low + 3 < high - 3 < max(gains) <= high + 0.01


@pytest.mark.usefixtures("quiet")
def test_most_sounds_get_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    without = [augment_audio(tone(), random.Random(seed), WINDOW) for seed in range(20)]
    monkeypatch.setattr(module, "CLEAN", 0.2)
    noisy = [augment_audio(tone(), random.Random(seed), WINDOW) for seed in range(20)]
    changed = [not np.array_equal(*pair) for pair in zip(without, noisy, strict=True)]
    assert 10 <= sum(changed) < 20


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

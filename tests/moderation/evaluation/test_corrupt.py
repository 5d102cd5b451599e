"""Corruptions do what they say, as strongly as they say, and the same for the same seed."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation import corrupt
from moderation.evaluation.robustness import CORRUPTIONS, Corruption
from schemas import Modality

PICTURE = np.random.default_rng(1).integers(0, 256, (40, 60, 3)).astype(np.uint8)
TONE = (0.3 * np.sin(np.arange(16_000) / 5)).astype(np.float32)
PIECES = {
    Modality.TEXT: "the quick brown fox jumps over the lazy dog",
    Modality.IMAGE: PICTURE,
    Modality.AUDIO: TONE,
}


def draw() -> random.Random:
    return random.Random(1)


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda corruption: corruption.name)
def test_every_corruption_changes_its_piece_and_repeats(corruption: Corruption) -> None:
    piece = PIECES[corruption.modality]
    first, again = (corruption.apply(piece, corruption.strength, draw()) for _ in range(2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, piece)


@given(st.text(max_size=60))
def test_at_strength_zero_a_text_stays(text: str) -> None:
    for change in (corrupt.typos, corrupt.leetspeak, corrupt.homoglyphs, corrupt.zero_width):
        assert change(text, 0.0, draw()) == text


def test_disguises_keep_the_look() -> None:
    text = "sell cocaine"
    assert corrupt.leetspeak(text, 1.0, draw()) == "53|| c0c41n3"
    cyrillic = corrupt.homoglyphs(text, 1.0, draw())
    assert len(cyrillic) == len(text)
    assert sum("CYRILLIC" in unicodedata.name(letter) for letter in cyrillic) == 8
    assert corrupt.zero_width(text, 1.0, draw()).replace("\u200b", "") == text


def test_more_typos_change_more() -> None:
    text = PIECES[Modality.TEXT] * 20
    few, many = (corrupt.typos(text, share, draw()) for share in (0.02, 0.4))

    def pairs(of: str) -> set[str]:
        return {of[n : n + 2] for n in range(len(of) - 1)}

    assert len(pairs(few) - pairs(text)) < len(pairs(many) - pairs(text))


@pytest.mark.parametrize(
    "change", [corrupt.blur, corrupt.jpeg, corrupt.rotate, corrupt.pixel_noise]
)
def test_pictures_stay_pictures_of_their_size(
    change: Callable[[Any, float, random.Random], Any],
) -> None:
    changed = change(PICTURE, 15, draw())
    assert changed.shape == PICTURE.shape
    assert changed.dtype == np.uint8


def test_blur_takes_detail_away_and_noise_adds_it() -> None:
    def detail(of: np.ndarray) -> float:
        return float(np.abs(np.diff(of.astype(float), axis=0)).mean())

    grey = np.full((40, 60, 3), 128, np.uint8)
    assert detail(corrupt.blur(PICTURE, 5, draw())) < detail(PICTURE) / 2
    assert corrupt.pixel_noise(grey, 25, draw()).std() == pytest.approx(25, rel=0.1)


@pytest.mark.parametrize("decibels", [20, 10, 0])
def test_noise_has_the_stated_distance_from_the_sound(decibels: int) -> None:
    noise = corrupt.white_noise(TONE, decibels, draw()) - TONE
    ratio = 10 * np.log10(np.mean(TONE**2) / np.mean(noise**2))
    assert ratio == pytest.approx(decibels, abs=0.5)


def test_gain_clips_and_cut_shortens() -> None:
    assert np.abs(corrupt.gain(TONE, 12, draw())).max() == 1
    assert corrupt.gain(TONE, -12, draw()) == pytest.approx(TONE * 0.251, abs=1e-3)
    assert len(corrupt.cut(TONE, 0.5, draw())) == 8000
    assert len(corrupt.cut(TONE[:1], 0.5, draw())) == 1

"""Batches of like cost, and changes that keep a sample usable."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.model import Sample
from moderation.training.augment import augment
from moderation.training.examples import bucketed_batches

COSTS = st.lists(st.floats(1, 50), min_size=1, max_size=200)


@given(costs=COSTS, shuffled=st.booleans())
def test_every_row_is_in_one_batch_and_batches_keep_the_budget(
    costs: list[float], shuffled: bool
) -> None:
    draw = random.Random(1) if shuffled else None
    batches = list(bucketed_batches(costs, batch_cost=100, draw=draw))
    assert sorted(row for batch in batches for row in batch) == list(range(len(costs)))
    assert all(len(batch) * max(costs[row] for row in batch) <= 100 for batch in batches)


def test_the_same_seed_gives_the_same_batches() -> None:
    costs = [float(n % 7 + 1) for n in range(50)]
    first, second = (
        list(bucketed_batches(costs, batch_cost=20, draw=random.Random(3))) for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize("seed", range(5))
def test_augmentation_keeps_kind_shape_and_range(seed: int) -> None:
    draw = random.Random(seed)
    picture = np.full((3, 16, 16), 120, np.uint8)
    changed = augment(Sample(image=picture), draw)
    assert changed.image is not None
    assert changed.image.shape == picture.shape
    assert changed.image.dtype == np.uint8
    sound = np.sin(np.arange(8000) / 9).astype(np.float32)
    louder = augment(Sample(audio=sound), draw)
    assert louder.audio is not None
    assert louder.audio.dtype == np.float32
    assert len(louder.audio) >= len(sound)


@pytest.mark.parametrize("seed", range(5))
def test_text_keeps_its_first_and_last_token(seed: int) -> None:
    ids = list(range(100))
    changed = augment(Sample(text=ids), random.Random(seed)).text
    assert changed is not None
    assert (changed[0], changed[-1]) == (0, 99)
    assert set(changed) <= set(ids)

"""The bootstrap keeps its strata, repeats by its seed, and its intervals cover."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.evaluation.bootstrap import CHUNK_CELLS, interval, resamples
from moderation.evaluation.weighted import Array


def draw(strata: Array, count: int = 50, seed: int = 1) -> Array:
    return np.concatenate(list(resamples(strata, count=count, seed=seed)))


@given(st.lists(st.integers(0, 3), min_size=1, max_size=30))
def test_each_resample_has_as_many_rows_of_every_stratum_as_the_data(strata: list[int]) -> None:
    rows = np.array(strata)
    weights = draw(rows)
    for stratum in np.unique(rows):
        inside = rows == stratum
        assert (weights[:, inside].sum(axis=1) == inside.sum()).all()


def test_the_same_seed_draws_the_same_and_another_does_not() -> None:
    rows = np.zeros(20, int)
    assert np.array_equal(draw(rows), draw(rows))
    assert not np.array_equal(draw(rows), draw(rows, seed=2))


def test_every_row_is_drawn_as_often_as_any_other() -> None:
    weights = draw(np.array([0] * 5 + [1] * 5), count=4000)
    assert weights.mean(axis=0) == pytest.approx(np.ones(10), abs=0.1)


def test_large_sets_are_drawn_in_parts() -> None:
    parts = [len(w) for w in resamples(np.zeros(CHUNK_CELLS // 2, int), count=3, seed=1)]
    assert parts == [2, 1]


def test_the_interval_of_a_share_covers_it_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(5)
    truth, covered = 0.3, 0
    for seed in range(200):
        hits = generator.random(100) < truth
        weights = draw(np.zeros(100, int), count=300, seed=seed)
        ends = interval(weights @ hits / 100)
        assert ends is not None
        covered += ends[0] <= truth <= ends[1]
    assert 0.88 <= covered / 200 <= 0.99


def test_values_that_do_not_exist_are_left_out_of_the_interval() -> None:
    assert interval(np.array([np.nan, 0.5, 0.5])) == (0.5, 0.5)
    assert interval(np.array([np.nan])) is None

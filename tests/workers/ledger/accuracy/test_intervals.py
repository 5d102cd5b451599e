"""Estimates of shares and totals: right on average, and never without a width they have earned."""

from __future__ import annotations

import itertools
import math
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.intervals import wilson_interval
from workers.ledger.accuracy.intervals import Estimate, WeightedCount, share, total

RATES = st.floats(0.01, 1.0)
UNITS = st.lists(st.tuples(RATES, st.booleans()), max_size=30)


def count(units: list[tuple[float, bool]]) -> WeightedCount:
    weights = np.array([1.0 / rate for rate, _ in units])
    trait = np.array([has for _, has in units], dtype=np.bool_)
    return WeightedCount.of(weights, trait, np.ones_like(trait))


def share_of(units: list[tuple[float, bool]]) -> Estimate | None:
    return share(count(units), count([(rate, not has) for rate, has in units]))


@given(st.lists(st.tuples(st.floats(0.1, 1.0), st.booleans()), min_size=1, max_size=7))
def test_over_all_samples_the_total_and_its_variance_are_right_on_average(
    population: list[tuple[float, bool]],
) -> None:
    """Every sample that can be drawn, each with its probability."""
    truth = sum(has for _, has in population)
    mean = square = estimated_variance = 0.0
    for drawn in itertools.product((True, False), repeat=len(population)):
        chance = math.prod(
            rate if taken else 1.0 - rate
            for (rate, _), taken in zip(population, drawn, strict=True)
        )
        found = count([unit for unit, taken in zip(population, drawn, strict=True) if taken])
        mean += chance * found.total
        square += chance * found.total**2
        estimated_variance += chance * (found.squares - found.total)

    assert mean == pytest.approx(truth)
    assert estimated_variance == pytest.approx(square - mean**2, abs=1e-6)


@given(st.integers(1, 200), st.data())
def test_with_equal_weights_the_interval_of_a_share_is_wilsons(
    of: int, data: st.DataObject
) -> None:
    hits = data.draw(st.integers(0, of))
    rate = 1e-6  # so small that a population without end makes no difference
    found = share_of([(rate, place < hits) for place in range(of)])

    assert found is not None
    assert (found.low, found.high) == pytest.approx(wilson_interval(hits, of), abs=1e-4)
    assert found.effective_n == pytest.approx(of)
    assert found.units == of


@given(UNITS)
def test_an_interval_holds_its_estimate_and_stays_within_0_and_1(
    units: list[tuple[float, bool]],
) -> None:
    found = share_of(units)

    if not units:
        assert found is None
        return
    assert found is not None
    assert 0.0 <= found.low <= found.value <= found.high <= 1.0
    assert 0.0 < found.effective_n <= len(units) + 1e-9


@given(UNITS.filter(bool), st.randoms(use_true_random=False))
def test_the_order_of_the_sample_does_not_matter(
    units: list[tuple[float, bool]], random: Random
) -> None:
    shuffled = list(units)
    random.shuffle(shuffled)
    one, other = share_of(units), share_of(shuffled)

    assert one is not None
    assert other is not None
    assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high))


@given(UNITS)
def test_a_total_is_at_least_what_was_seen(units: list[tuple[float, bool]]) -> None:
    found = total(count(units))

    assert found.units <= found.low <= found.value + 1e-6
    assert found.value <= found.high + 1e-6


def test_nothing_found_in_a_small_sample_leaves_much_possible() -> None:
    units = [(0.01, False)] * 50

    found, missed = share_of(units), total(count(units))

    assert found is not None
    assert (found.value, found.low) == (0.0, 0.0)
    assert 0.05 < found.high < 0.1
    assert 200 < missed.high < 500  # of about 5,000


def test_where_everything_was_reviewed_nothing_is_uncertain() -> None:
    found = share_of([(1.0, place < 3) for place in range(10)])

    assert found is not None
    assert (found.low, found.high) == pytest.approx((0.3, 0.3))


def test_a_heavy_find_makes_an_interval_wider_than_a_light_one() -> None:
    even = share_of([(0.1, place < 10) for place in range(100)])
    uneven = share_of([(0.02, True)] + [(0.2, True)] * 10 + [(0.1, False)] * 90)

    assert even is not None
    assert uneven is not None
    assert uneven.value == pytest.approx(even.value)
    assert uneven.high - uneven.low > 1.5 * (even.high - even.low)

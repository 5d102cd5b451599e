from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moderation.inference import batches_by_budget
from moderation.inference.batching import OVERHEAD_SHARE

LENGTHS = st.lists(st.integers(1, 200), max_size=60)


@given(LENGTHS, st.integers(1, 1_000))
def test_every_item_is_in_exactly_one_batch(lengths: list[int], budget: int) -> None:
    batches = batches_by_budget(lengths, budget)

    assert sorted(place for batch in batches for place in batch) == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 1_000))
def test_no_padded_batch_is_over_the_budget_unless_a_single_item_is(
    lengths: list[int], budget: int
) -> None:
    for batch in batches_by_budget(lengths, budget):
        padded = len(batch) * max(lengths[place] for place in batch)
        assert padded <= budget or len(batch) == 1


@given(LENGTHS, st.integers(1, 1_000))
def test_a_batch_holds_like_lengths(lengths: list[int], budget: int) -> None:
    batches = [[lengths[place] for place in batch] for batch in batches_by_budget(lengths, budget)]

    assert [length for batch in batches for length in batch] == sorted(lengths, reverse=True)


@given(st.lists(st.integers(1, 40), max_size=9), st.integers(20, 200))
def test_no_other_way_to_cut_costs_less(lengths: list[int], budget: int) -> None:
    def cost(batches: Iterable[Sequence[int]]) -> float:
        padded = [len(batch) * max(batch) for batch in batches]
        return sum(padded) + len(padded) * budget * OVERHEAD_SHARE

    def allowed(batch: Sequence[int]) -> bool:
        return len(batch) * max(batch) <= budget or len(batch) == 1

    falling = sorted(lengths, reverse=True)
    ways = (
        [falling[begin:end] for begin, end in pairwise((0, *cuts, len(falling)))]
        for count in range(max(1, len(falling)))
        for cuts in combinations(range(1, len(falling)), count)
    )
    cheapest = min((cost(way) for way in ways if falling and all(map(allowed, way))), default=0)
    chosen = [[lengths[place] for place in batch] for batch in batches_by_budget(lengths, budget)]
    assert cost(chosen) == pytest.approx(cheapest)


def test_short_items_do_not_pad_to_a_long_one() -> None:
    assert [len(batch) for batch in batches_by_budget([100, 100, *[10] * 6], 1_000)] == [2, 6]


def test_a_budget_is_filled_before_a_new_batch_begins() -> None:
    assert [len(batch) for batch in batches_by_budget([10] * 10, 40)] == [4, 4, 2]

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from moderation.inference import batches_by_budget

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


def test_a_budget_is_filled_before_a_new_batch_begins() -> None:
    assert [len(batch) for batch in batches_by_budget([10] * 10, 40)] == [4, 4, 2]

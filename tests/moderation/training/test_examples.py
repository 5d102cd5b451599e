"""Batches of like cost."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

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

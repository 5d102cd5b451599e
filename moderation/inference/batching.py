"""Batches of like lengths under a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence


def batches_by_budget(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group items so that no padded batch costs more than the budget.

    Sorted by length, items pad little; a batch costs its count times its longest. There is no
    timer: whatever waits is batched at once, and the next batch forms while the device works.

    Args:
        lengths: of the items, in tokens or any other unit of work.
        budget: of a batch, in the same unit. An item longer than that goes alone.

    Returns:
        Places of the items, each in exactly one batch, longest items first: what does not fit in
        memory shows at once.
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    batches: list[list[int]] = []
    for place in order:
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= budget:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches

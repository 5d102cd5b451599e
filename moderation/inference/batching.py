"""Batches of like lengths under a budget of tokens."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

OVERHEAD_SHARE: Final = 1 / 32
"""Of its budget, what a batch costs beside its items: calls into kernels, most of all. For texts on
a CPU that is some thirty tokens."""


def batches_by_budget(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Group items so that they cost least, and no padded batch more than the budget.

    A batch costs its count times its longest, and :data:`OVERHEAD_SHARE`. Items of like lengths
    pad little, so all are sorted by length; where to cut is then a shortest path. There is no
    timer: whatever waits is batched at once, and the next batch forms while the device works.

    Args:
        lengths: of the items, in tokens or any other unit of work.
        budget: of a batch, in the same unit. An item longer than that goes alone.

    Returns:
        Places of the items, each in exactly one batch, longest items first: what does not fit in
        memory shows at once.
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    longest = np.array([lengths[place] for place in order], dtype=np.float64)
    return [order[begin:end] for begin, end in pairwise(_cheapest_cuts(longest, budget))]


def _cheapest_cuts(lengths: npt.NDArray[np.float64], budget: int) -> list[int]:
    """Where batches of items in falling order begin, and where the last one ends."""
    count = len(lengths)
    sizes = np.arange(count, 0, -1)
    cost = np.zeros(count + 1)
    begins = [0] * (count + 1)
    for end in range(1, count + 1):
        # Of the last batch, by where it begins.
        padded = lengths[:end] * sizes[count - end :]
        padded[:-1][padded[:-1] > budget] = np.inf
        whole = cost[:end] + padded
        # Where several are cheapest the last batch is the small one.
        begins[end] = end - 1 - int(whole[::-1].argmin())
        cost[end] = whole[begins[end]] + budget * OVERHEAD_SHARE
    cuts = [count]
    while cuts[-1]:
        cuts.append(begins[cuts[-1]])
    return cuts[::-1]

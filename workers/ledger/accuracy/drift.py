"""Whether scores are distributed as they were."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.ledger.accuracy.intervals import Floats

EDGES: Final = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
"""Between the bins of scores. Fixed, so that two replicas and two days mean the same; narrow near
0, where nearly all posts lie."""

MIN_VERDICTS: Final = 200
"""On each side. The index is about ``bins (1/n + 1/m)`` by chance alone (Yurdakul and Naranjo,
2020): with fewer it would stand above 0.1, where people begin to look, without any drift."""


def stability_index(
    weights: Floats, scores: Floats, past_weights: Floats, past_scores: Floats
) -> float | None:
    """Population stability index between scores now and scores before.

    Below 0.1 is commonly read as stable, above 0.25 as shifted.

    Args:
        weights: of the verdicts now, shape = (n,).
        scores: of one category, shape = (n,).
        past_weights: of the verdicts before, shape = (m,).
        past_scores: of the same category, shape = (m,).

    Returns:
        0 or more; None where either side has fewer than ``MIN_VERDICTS``.
    """
    if min(scores.size, past_scores.size) < MIN_VERDICTS:
        return None
    now, past = _shares(weights, scores), _shares(past_weights, past_scores)
    return float(((now - past) * np.log(now / past)).sum())


def _shares(weights: Floats, scores: Floats) -> Floats:
    bins = len(EDGES) + 1
    counts = np.bincount(np.digitize(scores, EDGES), weights=weights, minlength=bins)
    # Half an average verdict in each bin keeps an empty one from being infinitely far away.
    counts += weights.mean() / 2.0
    return np.asarray(counts / counts.sum())

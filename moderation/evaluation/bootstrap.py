"""The stratified bootstrap: rows are drawn anew with replacement, stratum by stratum.

Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapters 6 and 13; the intervals
are percentile intervals. Strata are the patterns of labels, so that each resample has as many
labelled rows and positives of every category as the data. A pattern with a single row always keeps
it, which makes the intervals of very rare categories a little too narrow.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from moderation.evaluation.weighted import Array

RESAMPLES: Final = 1000  # percentiles of 95 % are then stable to about a tenth of the width
CONFIDENCE: Final = 0.95
CHUNK_CELLS: Final = 1_000_000  # weights held at once: 8 MB


def resamples(strata: Array, *, count: int, seed: int) -> Iterator[Array]:
    """Draw.

    Args:
        strata: a number a row, shape = (rows,).
        count: of resamples.
        seed: of the draw.

    Yields:
        How often each row was drawn, shape = (some resamples, rows).
    """
    rows = len(strata)
    order = np.argsort(strata, kind="stable")
    _, starts, sizes = np.unique(strata[order], return_index=True, return_counts=True)
    start, size = np.repeat(starts, sizes), np.repeat(sizes, sizes)
    generator = np.random.default_rng(seed)
    chunk = max(1, CHUNK_CELLS // max(rows, 1))
    for done in range(0, count, chunk):
        here = min(chunk, count - done)
        drawn = start + (generator.random((here, rows)) * size).astype(int)
        flat = (drawn + np.arange(here)[:, None] * rows).ravel()
        weights = np.zeros((here, rows))
        weights[:, order] = np.bincount(flat, minlength=here * rows).reshape(here, rows)
        yield weights


def interval(values: Array) -> tuple[float, float] | None:
    """Percentile interval of resampled values, leaving out those without a value (NaN).

    Args:
        values: shape = (resamples,).

    Returns:
        Low and high end; None if no resample has a value.
    """
    finite = values[~np.isnan(values)]
    if not len(finite):
        return None
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(finite, [tail, 1 - tail])
    return float(low), float(high)

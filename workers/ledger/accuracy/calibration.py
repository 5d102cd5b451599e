"""Whether a score of 0.8 means that four in five are harmful."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.ledger.accuracy.intervals import Floats, Mask

BINS: Final = 15
"""Of equal width, as Guo et al. (2017) have them."""


def calibration_error(weights: Floats, scores: Floats, harmful: Mask) -> float | None:
    """Expected calibration error: the mean gap between score and share of harm, over score bins.

    A small sample has gaps by chance alone, so the figure errs upwards.

    Args:
        weights: of the reviewed verdicts, shape = (n,).
        scores: probabilities of the category, shape = (n,).
        harmful: in the reviewer's eyes, shape = (n,).

    Returns:
        0 to 1; None for an empty sample.
    """
    if not weights.size:
        return None
    place = np.minimum((scores * BINS).astype(np.int64), BINS - 1)
    expected = np.bincount(place, weights=weights * scores, minlength=BINS)
    found = np.bincount(place, weights=weights * harmful, minlength=BINS)
    return float(np.abs(expected - found).sum() / weights.sum())

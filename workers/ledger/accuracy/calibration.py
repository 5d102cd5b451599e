"""Whether a score of 0.8 means that four in five are harmful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from workers.ledger.accuracy.intervals import Estimate, Floats, Mask, WeightedCount, share

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
    place = _places(scores)
    expected = np.bincount(place, weights=weights * scores, minlength=BINS)
    found = np.bincount(place, weights=weights * harmful, minlength=BINS)
    return float(np.abs(expected - found).sum() / weights.sum())


@dataclass(frozen=True, slots=True)
class ScoreBin:
    """Verdicts of like scores."""

    mean_score: float
    """Weighted: what share of them should be harmful."""
    harmful: Estimate
    """What share is, in the reviewers' eyes."""


def score_bins(weights: Floats, scores: Floats, harmful: Mask) -> Sequence[ScoreBin]:
    """The reliability diagram: bins of equal width that are not empty, lowest scores first.

    Args: as :func:`calibration_error` has them.
    """
    places, bins = _places(scores), []
    for place in np.unique(places):
        mine = places == place
        found, everywhere = harmful[mine], np.ones(int(mine.sum()), dtype=np.bool_)
        hits = WeightedCount.of(weights[mine], found, everywhere)
        estimate = share(hits, WeightedCount.of(weights[mine], ~found, everywhere))
        if estimate is not None:
            mean = float((weights[mine] * scores[mine]).sum() / weights[mine].sum())
            bins.append(ScoreBin(mean, estimate))
    return bins


def _places(scores: Floats) -> npt.NDArray[np.int64]:
    return np.minimum((scores * BINS).astype(np.int64), BINS - 1)

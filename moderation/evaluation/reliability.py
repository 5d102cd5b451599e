"""How far probabilities can be believed: what a reliability diagram shows, and its summary.

Bins of equal width are those of Guo et al., "On Calibration of Modern Neural Networks" (2017); bins
of equal mass, of which none is nearly empty when most posts are harmless, those of Nixon et al.,
"Measuring Calibration in Deep Learning" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from moderation.evaluation.scored import Scored
from moderation.evaluation.shares import share_interval
from moderation.evaluation.weighted import CALIBRATION_BINS, Array

Binning = Literal["width", "mass"]
BINNINGS: Final[tuple[Binning, ...]] = ("width", "mass")


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of like probability.

    Attributes:
        low, high: probabilities that the bin spans.
        rows: in it; at least 1.
        probability: mean of what the model said.
        positives: share of rows that are positive.
        positives_low, positives_high: its Wilson interval at 95 %.
    """

    low: float
    high: float
    rows: int
    probability: float
    positives: float
    positives_low: float
    positives_high: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """One category's bins.

    Attributes:
        bins: by kind of binning; empty bins are left out.
        calibration_error: expected calibration error by kind of binning.
        brier: mean squared distance of probability and label.
    """

    bins: dict[Binning, list[Bin]]
    calibration_error: dict[Binning, float]
    brier: float


def reliability(labels: Array, probabilities: Array) -> Reliability:
    """Of one category.

    Args:
        labels: 0 or 1, shape = (rows,), at least one.
        probabilities: shape = (rows,).
    """
    bins = {
        kind: reliability_bins(labels, probabilities, edges(probabilities, kind))
        for kind in BINNINGS
    }
    return Reliability(
        bins=bins,
        calibration_error={kind: _error(found) for kind, found in bins.items()},
        brier=float(np.square(probabilities - labels).mean()),
    )


def reliabilities(scored: Scored) -> dict[str, Reliability]:
    """Of every category with known labels."""
    found = {category: scored.labelled(category) for category in scored.categories}
    return {name: reliability(*both) for name, both in found.items() if len(both[0])}


def edges(probabilities: Array, kind: Binning, *, bins: int = CALIBRATION_BINS) -> Array:
    """Ends of the bins, from 0 to 1, ascending; rows of equal probability share a bin."""
    even = np.linspace(0, 1, bins + 1)
    if kind == "width":
        return even
    inner = np.unique(np.quantile(probabilities, even[1:-1]))
    return np.concatenate([[0.0], inner[(inner > 0) & (inner < 1)], [1.0]])


def reliability_bins(labels: Array, probabilities: Array, ends: Array) -> list[Bin]:
    """Rows by bin: an end belongs to the bin above it, 1 to the last."""
    number = np.clip(np.searchsorted(ends, probabilities, side="right") - 1, 0, len(ends) - 2)
    found = []
    for place in np.unique(number):
        inside = number == place
        rows, positives = int(inside.sum()), int((labels[inside] == 1).sum())
        low, high = share_interval(positives, rows)
        found.append(
            Bin(
                low=float(ends[place]),
                high=float(ends[place + 1]),
                rows=rows,
                probability=float(probabilities[inside].mean()),
                positives=positives / rows,
                positives_low=low,
                positives_high=high,
            )
        )
    return found


def _error(bins: list[Bin]) -> float:
    rows = sum(each.rows for each in bins)
    return sum(each.rows * abs(each.probability - each.positives) for each in bins) / rows

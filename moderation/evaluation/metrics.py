"""Metrics of one binary decision, in numpy.

Every function takes labels of 0 or 1 and scores of the same length, shape = (rows,).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

CALIBRATION_BINS = 10  # of equal width, as in Guo et al. (2017)


def auroc(labels: Array, scores: Array) -> float | None:
    """Chance that a random positive scores above a random negative; a tie counts half.

    Computed from ranks (Mann-Whitney). None unless there are both positives and negatives.
    """
    positives = int((labels == 1).sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return None
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank = last - (counts - 1) / 2
    above = mean_rank[place][labels == 1].sum() - positives * (positives + 1) / 2
    return float(above / (positives * negatives))


def average_precision(labels: Array, scores: Array) -> float | None:
    """Precision averaged over recall steps; rows of equal score enter together.

    None if there are no positives.
    """
    positives = int((labels == 1).sum())
    if not positives:
        return None
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(labels[order] == 1)
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    precision = hits[ends] / (ends + 1)
    recall = hits[ends] / positives
    return float(np.sum(np.diff(recall, prepend=0) * precision))


def calibration_error(labels: Array, probabilities: Array) -> float | None:
    """Expected calibration error: distance of mean probability and positive share, by bin.

    None if there are no rows.
    """
    if not len(labels):
        return None
    bins = np.minimum((probabilities * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gap = 0.0
    for number in range(CALIBRATION_BINS):
        inside = bins == number
        if inside.any():
            gap += inside.mean() * abs(probabilities[inside].mean() - labels[inside].mean())
    return float(gap)


def precision_recall_f1(labels: Array, decided: Array) -> tuple[float | None, float | None, float]:
    """Of a yes-no decision.

    Returns:
        Precision (None if nothing was decided positive), recall (None if nothing is), F1 (0 where
        it has no value).
    """
    hits = int(((labels == 1) & decided).sum())
    said, are = int(decided.sum()), int((labels == 1).sum())
    f1 = 2 * hits / (said + are) if said + are else 0.0
    return (hits / said if said else None, hits / are if are else None, f1)


def macro_f1(labels: Array, decided: Array) -> float:
    """Mean of the F1 of the positives and the F1 of the negatives."""
    positive = precision_recall_f1(labels, decided)[2]
    negative = precision_recall_f1(1 - labels, ~decided)[2]
    return (positive + negative) / 2


def accuracy(labels: Array, decided: Array) -> float:
    """Share of rows that are decided as labelled."""
    return float(((labels == 1) == decided).mean())

"""Figures of one binary decision when every row has a weight, in numpy.

A bootstrap resample is a weighting by whole numbers, so a thousand resamples are a thousand rows of
a matrix: the scores are sorted once for all of them. Every function takes labels of 0 or 1 and
scores of shape (rows,) and weights of shape (resamples, rows), and returns shape (resamples,), NaN
where a figure has no value.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

CALIBRATION_BINS: Final = 10  # of equal width, as in Guo et al. (2017)

FIGURES: Final = (
    "precision",
    "recall",
    "f1",
    "macro_f1",
    "accuracy",
    "auroc",
    "average_precision",
    "calibration_error",
    "brier",
)
"""What :func:`figures` gives."""


def figures(
    labels: Array, probabilities: Array, decided: Array, weights: Array
) -> dict[str, Array]:
    """Every figure, by name.

    Args:
        labels: 0 or 1, shape = (rows,).
        probabilities: shape = (rows,).
        decided: bool, shape = (rows,): what is taken for a positive.
        weights: shape = (resamples, rows).
    """
    return {
        **decision_figures(labels, decided, weights),
        **ranking_figures(labels, probabilities, weights),
        "calibration_error": calibration_error(labels, probabilities, weights),
        "brier": weights @ np.square(probabilities - labels) / weights.sum(axis=1),
    }


def decision_figures(labels: Array, decided: Array, weights: Array) -> dict[str, Array]:
    """Precision, recall, F1, their mean over both classes, accuracy.

    F1 is 0 where nothing is and nothing was decided; precision needs a decision, recall a positive.
    """
    positive = labels == 1
    cells = (positive & decided, ~positive & decided, positive & ~decided, ~positive & ~decided)
    hits, alarms, misses, passes = (weights @ np.stack(cells, axis=1).astype(float)).T
    f1 = _ratio(2 * hits, 2 * hits + alarms + misses, empty=0.0)
    negative_f1 = _ratio(2 * passes, 2 * passes + alarms + misses, empty=0.0)
    return {
        "precision": _ratio(hits, hits + alarms),
        "recall": _ratio(hits, hits + misses),
        "f1": f1,
        "macro_f1": (f1 + negative_f1) / 2,
        "accuracy": _ratio(hits + passes, weights.sum(axis=1)),
    }


def ranking_figures(labels: Array, scores: Array, weights: Array) -> dict[str, Array]:
    """AUROC and average precision; rows of equal score enter together.

    AUROC is the chance that a random positive scores above a random negative, a tie counting half;
    it needs both. Average precision is precision averaged over the steps of recall.
    """
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    ordered = weights[:, order]
    hits = np.cumsum(ordered * (labels[order] == 1), axis=1)[:, ends]
    seen = np.cumsum(ordered, axis=1)[:, ends]
    gained = np.diff(hits, prepend=0, axis=1)
    alarms = np.diff(seen - hits, prepend=0, axis=1)
    positives, negatives = hits[:, -1], (seen - hits)[:, -1]
    area = (alarms * (hits - gained / 2)).sum(axis=1)
    return {
        "auroc": _ratio(area, positives * negatives),
        "average_precision": _ratio((gained * _ratio(hits, seen, 0.0)).sum(axis=1), positives),
    }


def calibration_error(labels: Array, probabilities: Array, weights: Array) -> Array:
    """Expected calibration error: distance of mean probability and positive share, by bin."""
    bins = np.minimum((probabilities * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    excess = np.zeros((len(labels), CALIBRATION_BINS))
    excess[np.arange(len(labels)), bins] = probabilities - labels
    error: Array = _ratio(np.abs(weights @ excess).sum(axis=1), weights.sum(axis=1))
    return error


def _ratio(above: Array, below: Array, empty: float = np.nan) -> Array:
    result: Array = np.full(np.shape(above), empty, dtype=float)
    np.divide(above, below, out=result, where=below > 0)
    return result

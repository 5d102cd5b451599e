"""Figures of one binary decision.

Every function takes labels of 0 or 1 and scores of the same length, shape = (rows,). They are the
weighted figures of :mod:`moderation.evaluation.weighted` with a weight of one a row; the tests hold
them against scikit-learn, which stays out of what the workers install.
"""

from __future__ import annotations

import numpy as np

from moderation.evaluation import weighted
from moderation.evaluation.weighted import Array


def auroc(labels: Array, scores: Array) -> float | None:
    """Chance that a random positive scores above a random negative; a tie counts half.

    None unless there are both positives and negatives.
    """
    return _ranking(labels, scores, "auroc")


def average_precision(labels: Array, scores: Array) -> float | None:
    """Precision averaged over recall steps; rows of equal score enter together.

    None if there are no positives.
    """
    return _ranking(labels, scores, "average_precision")


def calibration_error(labels: Array, probabilities: Array) -> float | None:
    """Expected calibration error over ten bins of equal width (Guo et al., 2017).

    None if there are no rows.
    """
    return known(weighted.calibration_error(labels, probabilities, ones(labels))[0])


def precision_recall_f1(labels: Array, decided: Array) -> tuple[float | None, float | None, float]:
    """Of a yes-no decision.

    Returns:
        Precision (None if nothing was decided positive), recall (None if nothing is), F1 (0 where
        it has no value).
    """
    found = weighted.decision_figures(labels, decided, ones(labels))
    return known(found["precision"][0]), known(found["recall"][0]), float(found["f1"][0])


def macro_f1(labels: Array, decided: Array) -> float:
    """Mean of the F1 of the positives and the F1 of the negatives."""
    return float(weighted.decision_figures(labels, decided, ones(labels))["macro_f1"][0])


def accuracy(labels: Array, decided: Array) -> float:
    """Share of rows that are decided as labelled."""
    return float(weighted.decision_figures(labels, decided, ones(labels))["accuracy"][0])


def ones(labels: Array) -> Array:
    """The weights of the rows as they are, shape = (1, rows)."""
    return np.ones((1, len(labels)))


def known(value: float) -> float | None:
    """NaN, for a figure without a value, as None."""
    return None if np.isnan(value) else float(value)


def _ranking(labels: Array, scores: Array, name: str) -> float | None:
    if not len(labels):
        return None
    return known(weighted.ranking_figures(labels, scores, ones(labels))[name][0])

"""How well scores rank the rows of one category.

Every function takes labels of 0 or 1 and scores of the same length, shape = (rows,). They are the
weighted figures of :mod:`moderation.evaluation.weighted` with a weight of one a row.
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


def ones(labels: Array) -> Array:
    """The weights of the rows as they are, shape = (1, rows)."""
    return np.ones((1, len(labels)))


def _ranking(labels: Array, scores: Array, name: str) -> float | None:
    if not len(labels):
        return None
    value = float(weighted.ranking_figures(labels, scores, ones(labels))[name][0])
    return None if np.isnan(value) else value

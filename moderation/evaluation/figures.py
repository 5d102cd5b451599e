"""The figures of every category on one set of rows, and their averages, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import numpy as np

from moderation.evaluation.bootstrap import interval, resamples
from moderation.evaluation.ranking import ones
from moderation.evaluation.scored import UNKNOWN, Scored
from moderation.evaluation.thresholds import DECISION_THRESHOLD, Thresholds
from moderation.evaluation.weighted import FIGURES, Array, figures

SIGNIFICANT_DIGITS: Final = 4
MICRO: Final = "micro"
MACRO: Final = "macro"
AVERAGES: Final = (MICRO, MACRO)


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """One category on one set of labelled rows, or an average over categories.

    A figure is None where it has no value: AUROC needs both labels, precision a decision.

    Attributes:
        labelled: rows whose label is known; of an average, known labels.
        positives: of these.
        threshold: probability from which on a row is decided; None of an average.
        macro_f1: mean of the F1 of the positives and the F1 of the negatives.
        intervals: bootstrap interval of each figure at 95 %, (low, high); empty if not resampled.
    """

    labelled: int
    positives: int
    precision: float | None
    recall: float | None
    f1: float
    macro_f1: float
    accuracy: float
    auroc: float | None
    average_precision: float | None
    calibration_error: float | None
    brier: float
    threshold: float | None = DECISION_THRESHOLD
    intervals: dict[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """One set of rows.

    Attributes:
        categories: those with known labels.
        averages: ``micro`` pools every known label; ``macro`` is the plain mean over the categories
            that have positives and negatives. Empty if there are no such categories.
    """

    categories: dict[str, CategoryFigures]
    averages: dict[str, CategoryFigures]


def category_figures(
    labels: Array, probabilities: Array, *, threshold: float = DECISION_THRESHOLD
) -> CategoryFigures:
    """Measure one category, without intervals.

    Args:
        labels: 0 or 1, shape = (rows,).
        probabilities: shape = (rows,).
        threshold: a row is decided from this probability on.
    """
    decided = probabilities >= threshold
    cells = _Cells(np.arange(len(labels)), labels, probabilities, decided, threshold)
    return _pack(figures(labels, probabilities, decided, ones(labels)), cells)


def measure(
    scored: Scored, thresholds: Thresholds, *, bootstrap: int = 0, seed: int = 0
) -> Measured:
    """Measure every category and the averages on the same resamples.

    Args:
        scored: the rows.
        thresholds: one a category.
        bootstrap: resamples behind the intervals; 0 leaves them out.
        seed: of the resamples.
    """
    cells = _cells(scored, thresholds)
    packed = {
        name: _pack(values, cells[MICRO if name == MACRO else name])
        for name, values in resampled(scored, thresholds, bootstrap=bootstrap, seed=seed).items()
    }
    return Measured(
        categories={name: value for name, value in packed.items() if name not in AVERAGES},
        averages={name: value for name, value in packed.items() if name in AVERAGES},
    )


def resampled(
    scored: Scored, thresholds: Thresholds, *, bootstrap: int, seed: int
) -> dict[str, dict[str, Array]]:
    """Every figure of the rows as they are and of each resample.

    Two models that are measured on the same rows with the same seed see the same resamples.

    Returns:
        Category or average -> figure -> values, shape = (1 + bootstrap,), the first of all rows.
    """
    cells = _cells(scored, thresholds)
    averaged = [n for n, c in cells.items() if n != MICRO and len(np.unique(c.labels)) > 1]
    draws = resamples(scored.label_patterns, count=bootstrap, seed=seed)
    parts = [
        _each(cells, averaged, weights) for weights in chain([np.ones((1, len(scored)))], draws)
    ]
    return {
        name: {f: np.concatenate([part[name][f] for part in parts]) for f in FIGURES}
        for name in parts[0]
    }


@dataclass(frozen=True, slots=True)
class _Cells:
    """Known labels with what the model says; `rows` is where in the set they are."""

    rows: Array
    labels: Array
    probabilities: Array
    decided: Array
    threshold: float | None


def _cells(scored: Scored, thresholds: Thresholds) -> dict[str, _Cells]:
    found = {}
    for column, category in enumerate(scored.categories):
        rows = np.flatnonzero(scored.labels[:, column] != UNKNOWN)
        if len(rows):
            labels, values = scored.labels[rows, column], scored.probabilities[rows, column]
            threshold = thresholds[category]
            found[category] = _Cells(rows, labels, values, values >= threshold, threshold)
    if any(len(np.unique(cells.labels)) > 1 for cells in found.values()):
        found[MICRO] = _pooled(list(found.values()))
    return found


def _pooled(parts: list[_Cells]) -> _Cells:
    return _Cells(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.labels for part in parts]),
        np.concatenate([part.probabilities for part in parts]),
        np.concatenate([part.decided for part in parts]),
        threshold=None,
    )


def _each(
    cells: Mapping[str, _Cells], averaged: list[str], weights: Array
) -> dict[str, dict[str, Array]]:
    found = {
        name: figures(c.labels, c.probabilities, c.decided, weights[:, c.rows])
        for name, c in cells.items()
    }
    if averaged:
        found[MACRO] = {f: _mean([found[name][f] for name in averaged]) for f in FIGURES}
    return found


def _mean(values: list[Array]) -> Array:
    """Of those that have a value, shape = (resamples,)."""
    mean: Array = np.ma.masked_invalid(values).mean(axis=0).filled(np.nan)
    return mean


def _pack(values: Mapping[str, Array], cells: _Cells) -> CategoryFigures:
    intervals = {name: interval(each[1:]) for name, each in values.items()}
    rounded: dict[str, Any] = {name: round_known(each[0]) for name, each in values.items()}
    return CategoryFigures(
        labelled=len(cells.labels),
        positives=int((cells.labels == 1).sum()),
        threshold=cells.threshold,
        intervals={
            name: (round(ends[0], SIGNIFICANT_DIGITS), round(ends[1], SIGNIFICANT_DIGITS))
            for name, ends in intervals.items()
            if ends is not None
        },
        **rounded,
    )


def round_known(value: float) -> float | None:
    """To the digits that reports have; NaN, for a figure without a value, as None."""
    return None if np.isnan(value) else round(float(value), SIGNIFICANT_DIGITS)

"""What is measured: each category, over all rows, by modality and by source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from moderation.evaluation.manifest import Row
from moderation.evaluation.metrics import (
    accuracy,
    auroc,
    average_precision,
    calibration_error,
    macro_f1,
    precision_recall_f1,
)
from moderation.evaluation.predict import predict
from moderation.model import Classifier

DECISION_THRESHOLD: Final = 0.5  # a probability from which a category counts as decided
SIGNIFICANT_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """One category on one set of labelled rows.

    A figure is None where it has no value: AUROC needs both labels, precision a decision.
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


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by slice and category; the slices are ``all``, modalities and sources.

    Attributes:
        model: its version.
        rows: how many were scored.
        slices: slice -> category -> figures; categories without labels in a slice are left out.
    """

    model: str
    rows: int
    slices: dict[str, dict[str, CategoryFigures]]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)


def evaluate(
    model: Classifier,
    rows: Sequence[Row],
    *,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Report:
    """Score labelled posts and measure.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    probabilities = predict(model, rows, on_progress=on_progress)
    slices: dict[str, list[int]] = {"all": list(range(len(rows)))}
    for place, row in enumerate(rows):
        slices.setdefault("modality " + "+".join(row.modalities), []).append(place)
        if row.source:
            slices.setdefault("source " + row.source, []).append(place)
    figures = {
        name: _slice_figures(model.categories, [rows[p] for p in places], probabilities[places])
        for name, places in slices.items()
    }
    return Report(model=model.version, rows=len(rows), slices=figures)


def category_figures(labels: npt.NDArray[Any], probabilities: npt.NDArray[Any]) -> CategoryFigures:
    """Measure one category.

    Args:
        labels: 0 or 1, shape = (rows,).
        probabilities: shape = (rows,).
    """
    decided = probabilities >= DECISION_THRESHOLD
    precision, recall, f1 = precision_recall_f1(labels, decided)
    values = {
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "macro_f1": macro_f1(labels, decided),
        "accuracy": accuracy(labels, decided),
        "auroc": auroc(labels, probabilities),
        "average_precision": average_precision(labels, probabilities),
        "calibration_error": calibration_error(labels, probabilities),
    }
    rounded: dict[str, Any] = {
        name: None if value is None else round(value, SIGNIFICANT_DIGITS)
        for name, value in values.items()
    }
    return CategoryFigures(labelled=len(labels), positives=int((labels == 1).sum()), **rounded)


def _slice_figures(
    categories: Sequence[str], rows: Sequence[Row], probabilities: npt.NDArray[np.float32]
) -> dict[str, CategoryFigures]:
    found = {}
    for column, category in enumerate(categories):
        known = [place for place, row in enumerate(rows) if category in row.labels]
        if known:
            labels = np.array([rows[place].labels[category] for place in known])
            found[category] = category_figures(labels, probabilities[known, column])
    return found

"""Precision-recall and ROC curves, each category on top of the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from moderation.evaluation.pictures.style import (
    BLUE,
    FAINT,
    ORANGE,
    head,
    note,
    panels,
    unit_square,
)
from moderation.evaluation.ranking import auroc, average_precision
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds
from moderation.evaluation.weighted import Array

Curve = tuple[Array, Array]
Counts = tuple[Array, Array]


def precision_recall_curves(scored: Scored, thresholds: Thresholds) -> Any:
    """A matplotlib figure; the dashed line is the share of positives, which chance reaches."""
    figure, each = panels(
        scored.categories,
        "Precision and recall; ● at the decision threshold, dashed: share of positives (chance)",
    )
    for category, axes in each:
        labels, scores = scored.labelled(category)
        base = float((labels == 1).mean())
        axes.axhline(base, color=ORANGE, linestyle="--", linewidth=1)
        _draw(axes, scored, category, thresholds[category], _precision_recall)
        unit_square(axes, category, "recall", "precision")
        precision = average_precision(labels, scores)
        head(axes, f"AP {precision:.3f}, n = {len(labels)}")
    return figure


def roc_curves(scored: Scored, thresholds: Thresholds) -> Any:
    """A matplotlib figure; the diagonal is what chance reaches."""
    figure, each = panels(scored.categories, "ROC; ● at the decision threshold, dashed: chance")
    for category, axes in each:
        labels, scores = scored.labelled(category)
        axes.plot([0, 1], [0, 1], color=ORANGE, linestyle="--", linewidth=1)
        _draw(axes, scored, category, thresholds[category], _roc)
        unit_square(axes, category, "false-positive rate", "true-positive rate")
        note(axes, f"AUROC {auroc(labels, scores):.3f}\nn = {len(labels)}")
    return figure


def _draw(
    axes: Any,
    scored: Scored,
    category: str,
    threshold: float,
    curve: Callable[[Counts], Curve],
) -> None:
    for other in scored.categories:
        if other != category:
            axes.plot(*curve(_counts(*scored.labelled(other))), color=FAINT, linewidth=0.7)
    labels, scores = scored.labelled(category)
    axes.plot(*curve(_counts(labels, scores)), color=BLUE, linewidth=1.8)
    decided = scores >= threshold
    if decided.any():
        here = np.array([0, (labels[decided] == 1).sum(), (labels == 1).sum()])
        alarms = np.array([0, (labels[decided] == 0).sum(), (labels == 0).sum()])
        across, up = curve((here, alarms))
        axes.plot(across[1], up[1], "o", color=BLUE, markersize=6, zorder=4)


def _counts(labels: Array, scores: Array) -> Counts:
    """Hits and false alarms with the 0, 1, 2... highest scores decided, ties together."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(labels[order] == 1)[ends]
    return np.append(0, hits), np.append(0, ends + 1 - hits)


def _precision_recall(counts: Counts) -> Curve:
    hits, alarms = counts
    precision = np.divide(hits, hits + alarms, out=np.ones(len(hits)), where=hits + alarms > 0)
    return hits / hits[-1], precision


def _roc(counts: Counts) -> Curve:
    hits, alarms = counts
    return alarms / alarms[-1], hits / hits[-1]

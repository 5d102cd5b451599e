"""Each data set by itself: how good a model is on it, and whether another is better on it."""

from __future__ import annotations

from collections.abc import Sequence

from moderation.evaluation.bootstrap import RESAMPLES
from moderation.evaluation.compare import Difference, differences
from moderation.evaluation.figures import CategoryFigures
from moderation.evaluation.manifest import Row
from moderation.evaluation.report import SOURCE, evaluate, slices
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds
from moderation.model import Classifier


def figures_by_source(
    model: Classifier,
    rows: Sequence[Row],
    *,
    thresholds: Thresholds | None = None,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, CategoryFigures]]:
    """Score labelled posts and measure each source.

    Returns:
        Source -> category -> figures.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    found = evaluate(model, rows, thresholds=thresholds, bootstrap=bootstrap, seed=seed)
    return {
        name.removeprefix(SOURCE): figures
        for name, figures in found.slices.items()
        if name.startswith(SOURCE)
    }


def differences_by_source(
    rows: Sequence[Row],
    first: Scored,
    second: Scored,
    thresholds: Thresholds,
    *,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
) -> dict[str, dict[str, dict[str, Difference]]]:
    """What the second model gains over the first on each source, by a paired bootstrap.

    So one compares a model that learned all sets with itself trained on one.

    Args:
        rows: what both have scored.
        first: the rows with the first model's probabilities.
        second: with the second's.
        thresholds: one a category, of both.
        bootstrap: resamples, at least 1.
        seed: of the resamples.

    Returns:
        Source -> category or average -> figure -> difference.
    """
    return {
        name.removeprefix(SOURCE): differences(
            first.take(places), second.take(places), thresholds, bootstrap=bootstrap, seed=seed
        )
        for name, places in slices(rows).items()
        if name.startswith(SOURCE)
    }

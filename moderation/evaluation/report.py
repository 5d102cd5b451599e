"""What is measured: each category, over all rows, by language, modality and source."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from moderation.evaluation.bootstrap import RESAMPLES
from moderation.evaluation.figures import CategoryFigures, measure
from moderation.evaluation.manifest import Row
from moderation.evaluation.predict import predict
from moderation.evaluation.scored import Scored
from moderation.evaluation.thresholds import Thresholds, default_thresholds
from moderation.model import Classifier

ALL: Final = "all"
SOURCE: Final = "source "  # comes before the name of a source in the name of its slice


@dataclass(frozen=True, slots=True)
class Report:
    """Figures by slice and category; the slices are ``all``, languages, modalities and sources.

    Attributes:
        model: its version.
        rows: how many were scored.
        slices: slice -> category -> figures; categories without labels in a slice are left out.
        averages: slice -> ``micro`` and ``macro`` -> figures.
    """

    model: str
    rows: int
    slices: dict[str, dict[str, CategoryFigures]]
    averages: dict[str, dict[str, CategoryFigures]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)


def evaluate(
    model: Classifier,
    rows: Sequence[Row],
    *,
    thresholds: Thresholds | None = None,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> Report:
    """Score labelled posts and measure.

    Args:
        model: in eval mode.
        rows: posts of any modalities.
        thresholds: one a category; 0.5 when left out.
        bootstrap: resamples behind the intervals; 0 leaves them out.
        seed: of the resamples.
        on_progress: hears the share of rows that are scored, 0..1.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    return report(
        model.version,
        rows,
        Scored.of(rows, predict(model, rows, on_progress=on_progress), model.categories),
        thresholds=thresholds or default_thresholds(model.categories),
        bootstrap=bootstrap,
        seed=seed,
    )


def report(
    model: str,
    rows: Sequence[Row],
    scored: Scored,
    *,
    thresholds: Thresholds,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
) -> Report:
    """Measure rows that are scored already.

    Args:
        model: its version.
        rows: what was scored.
        scored: the same rows, in the same order.
        thresholds: one a category.
        bootstrap: resamples behind the intervals; 0 leaves them out.
        seed: of the resamples.
    """
    found = {
        name: measure(scored.take(places), thresholds, bootstrap=bootstrap, seed=seed)
        for name, places in slices(rows).items()
    }
    return Report(
        model=model,
        rows=len(rows),
        slices={name: figures.categories for name, figures in found.items()},
        averages={name: figures.averages for name, figures in found.items()},
    )


def slices(rows: Sequence[Row]) -> Mapping[str, npt.NDArray[np.int64]]:
    """Which rows belong to which slice: all, then languages, modalities, sources, by name."""
    places: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if row.lang:
            places.setdefault(f"language {row.lang}", []).append(place)
        places.setdefault("modality " + "+".join(row.modalities), []).append(place)
        if row.source:
            places.setdefault(SOURCE + row.source, []).append(place)
    return {
        ALL: np.arange(len(rows)),
        **{name: np.array(found) for name, found in sorted(places.items())},
    }

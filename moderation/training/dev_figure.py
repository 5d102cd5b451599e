"""The one figure that a stage is judged by: mean AUROC over sources and categories.

A mean over all rows of a category would mostly say how large each source is, and could be raised by
telling sources apart; within one source it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from moderation.evaluation import auroc

MIN_OF_EACH_LABEL: Final = 20  # rows; an AUROC of fewer is mostly chance


@dataclass(frozen=True, slots=True)
class DevFigure:
    """How good a stage is.

    Attributes:
        pairs: AUROC of each (source, category) pair that has enough rows of both labels.
        beside: other figures, which are told and do not count.
    """

    pairs: Mapping[tuple[str, str], float]
    beside: Mapping[str, float] = field(default_factory=dict)

    @property
    def mean(self) -> float | None:
        """Over the pairs, each counting once; None if there is none."""
        return float(np.mean(list(self.pairs.values()))) if self.pairs else None

    def __str__(self) -> str:
        beside = "".join(f"; {name} {value:.3f}" for name, value in self.beside.items())
        if self.mean is None:
            none = f"no source has {MIN_OF_EACH_LABEL} dev rows of each label in any category"
            return none + beside
        parts = (f"{source} {name} {value:.3f}" for (source, name), value in self.pairs.items())
        return f"dev AUROC {self.mean:.4f} ({', '.join(parts)}){beside}"


def dev_figure(
    scores: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
    sources: Sequence[str],
    categories: Sequence[str],
) -> DevFigure:
    """Measure.

    Args:
        scores: any that rise with the probability, shape = (rows, categories).
        target: 0, 1, or below 0 where unknown, same shape.
        sources: of each row.
        categories: names of the columns.
    """
    origin = np.array(sources, dtype=object)
    pairs = {}
    for source in sorted(set(sources)):
        for place, category in enumerate(categories):
            rows = (origin == source) & (target[:, place] >= 0)
            positives = int(target[rows, place].sum())
            if min(positives, int(rows.sum()) - positives) < MIN_OF_EACH_LABEL:
                continue
            value = auroc(target[rows, place], scores[rows, place])
            if value is not None:
                pairs[source, category] = value
    return DevFigure(pairs)

"""How many harmless everyday posts a model would act on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from moderation.evaluation.errors import EvaluationError
from moderation.evaluation.manifest import Row
from moderation.evaluation.shares import share_interval
from moderation.evaluation.thresholds import Thresholds


@dataclass(frozen=True, slots=True)
class OverFlagging:
    """Harmless posts at or above a threshold.

    Attributes:
        posts: that were scored.
        share: of them, in any category.
        low, high: its Wilson interval at 95 %.
        by_category: share in each.
        flagged: ids of the posts, those furthest above a threshold first.
    """

    posts: int
    share: float
    low: float
    high: float
    by_category: dict[str, float]
    flagged: list[str]


def over_flagging(
    rows: Sequence[Row],
    probabilities: npt.NDArray[Any],
    categories: Sequence[str],
    thresholds: Thresholds,
) -> OverFlagging:
    """Measure posts of which somebody has said that they are harmless in every way.

    Args:
        rows: posts; what labels they have are 0.
        probabilities: shape = (rows, categories).
        categories: of the columns.
        thresholds: one a category, for example a policy's for removal.

    Raises:
        EvaluationError: no rows, or a row has a label of 1.
    """
    harmful = [row.id for row in rows if any(row.labels.values())]
    if harmful or not rows:
        raise EvaluationError(
            f"over-flagging is measured on harmless posts, but of {len(rows)} rows {len(harmful)} "
            f"have a label of 1 {harmful[:3]}; leave them out"
        )
    excess = probabilities - [thresholds[category] for category in categories]
    above = excess >= 0
    any_above = np.any(above, axis=1)
    low, high = share_interval(int(any_above.sum()), len(rows))
    furthest = sorted(any_above.nonzero()[0].tolist(), key=lambda row: -excess[row].max())
    return OverFlagging(
        posts=len(rows),
        share=float(any_above.mean()),
        low=low,
        high=high,
        by_category={
            name: float(value) for name, value in zip(categories, above.mean(axis=0), strict=True)
        },
        flagged=[rows[row].id for row in furthest],
    )

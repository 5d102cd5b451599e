"""The shipped model beside the model of one set, on the dev rows of that set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from bench.single_task.text_sets import TextSet
from moderation.evaluation import (
    RESAMPLES,
    Difference,
    Scored,
    category_figures,
    default_thresholds,
    differences,
)

RANKING: Final = "auroc"


@dataclass(frozen=True, slots=True)
class Compared:
    """A set's figures; a difference is the shipped model's less that of the one for the set."""

    source: str
    category: str
    figure: str
    train_rows: int
    passes: int
    dev_rows: int
    single: float
    shipped: float
    difference: Difference
    single_auroc: float | None
    shipped_auroc: float | None
    auroc_difference: Difference | None

    @property
    def verdict(self) -> str:
        """What the interval of the figure allows to say of the shipped model."""
        if self.difference.low > 0:
            return "better"
        return "worse" if self.difference.high < 0 else "no difference shown"


def compare(
    own: TextSet,
    single: npt.NDArray[Any],
    shipped: npt.NDArray[Any],
    threshold: float,
    *,
    bootstrap: int = RESAMPLES,
) -> Compared:
    """Measure both on the dev rows of a set.

    Args:
        own: the set.
        single: probabilities of the model of the set alone, shape = (rows,); decided from 0.5 on.
        shipped: of the shipped model, same shape.
        threshold: of the shipped model.
        bootstrap: resamples behind the intervals.
    """
    category = own.category
    own_thresholds = default_thresholds((category,))
    gained = differences(
        Scored.of(own.dev, single[:, None], (category,)),
        Scored.of(own.dev, shipped[:, None], (category,)),
        own_thresholds,
        second_thresholds={category: threshold},
        bootstrap=bootstrap,
    )[category]
    labels = np.array([row.labels[category] for row in own.dev])
    one = category_figures(labels, single, threshold=own_thresholds[category])
    all_sets = category_figures(labels, shipped, threshold=threshold)
    return Compared(
        source=own.source,
        category=category,
        figure=own.figure,
        train_rows=len(own.train),
        passes=own.passes,
        dev_rows=len(own.dev),
        single=getattr(one, own.figure),
        shipped=getattr(all_sets, own.figure),
        difference=gained[own.figure],
        single_auroc=one.auroc,
        shipped_auroc=all_sets.auroc,
        auroc_difference=gained.get(RANKING),
    )


def print_table(results: Sequence[Compared]) -> None:
    """A row a set, as Markdown."""
    print(
        "| set (training rows x passes, dev rows) | figure | one set alone | shipped | difference "
        "| 95 % | AUROC alone | AUROC shipped | difference | 95 % | shipped is |"
    )
    print("|---" * 11 + "|")
    for each in results:
        rows = f"{each.train_rows:,} x {each.passes}, {each.dev_rows:,}"
        cells = [
            f"{each.source}, {each.category} ({rows})",
            each.figure,
            f"{each.single:.3f}",
            f"{each.shipped:.3f}",
            *_difference(each.difference),
            _known(each.single_auroc),
            _known(each.shipped_auroc),
            *_difference(each.auroc_difference),
            each.verdict,
        ]
        print("| " + " | ".join(cells) + " |")


def _difference(value: Difference | None) -> tuple[str, str]:
    if value is None:
        return "", ""
    return f"{value.difference:+.3f}", f"{value.low:+.3f} to {value.high:+.3f}"


def _known(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

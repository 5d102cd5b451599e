"""The text sets that a model of its own is trained for."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.accuracy import TASKS
from bench.architectures.budget import draw_of
from moderation.evaluation import DEV, TRAIN, Row
from moderation.training.dev_figure import MIN_OF_EACH_LABEL
from schemas import Modality

GENERATED: Final = "template_"  # sources of our own sentences are no data sets
FEW_ROWS: Final = 7500  # below, a set is passed over three times: two are a few minutes' learning
FIGURE: Final = "macro_f1"  # of a set that has no task


@dataclass(frozen=True, slots=True)
class TextSet:
    """One data set and the category that it is about.

    Attributes:
        figure: which of the category's figures counts.
        train, dev: rows with that one label.
    """

    source: str
    category: str
    figure: str
    train: Sequence[Row]
    dev: Sequence[Row]

    @property
    def passes(self) -> int:
        """Over the training rows."""
        return 2 if len(self.train) >= FEW_ROWS else 3


def text_sets(
    rows: Sequence[Row], *, share: float = 1.0, dev_rows: int | None = None
) -> list[TextSet]:
    """The sets of posts that are text alone and have enough dev rows of both labels.

    A set is about the category that most of its training rows are positive in.

    Args:
        rows: of all sets and splits.
        share: of the training rows, drawn by their names.
        dev_rows: of a set, at most, drawn likewise; None for all.
    """
    figures = {task.source: task.figure for task in TASKS}
    found = []
    for source in sorted({row.source for row in rows if not row.source.startswith(GENERATED)}):
        own = [r for r in rows if r.source == source and r.modalities == (Modality.TEXT,)]
        positives = [c for r in own if r.split == TRAIN for c, label in r.labels.items() if label]
        if not positives:
            continue
        category = max(sorted(set(positives)), key=positives.count)
        known = [
            dataclasses.replace(row, labels={category: row.labels[category]})
            for row in own
            if category in row.labels
        ]
        dev = sorted((row for row in known if row.split == DEV), key=draw_of)[:dev_rows]
        harmful = sum(row.labels[category] for row in dev)
        if min(harmful, len(dev) - harmful) < MIN_OF_EACH_LABEL:
            continue
        train = [row for row in known if row.split == TRAIN and draw_of(row) < share]
        found.append(TextSet(source, category, figures.get(source, FIGURE), train, dev))
    return found

"""Labelled posts with the probabilities that a model gave them, as arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from moderation.evaluation.manifest import Row

UNKNOWN: Final = -1  # a label that the data set does not speak of


@dataclass(frozen=True, slots=True)
class Scored:
    """What a measurement needs of some rows.

    Attributes:
        categories: names of the columns.
        labels: 0, 1 or ``UNKNOWN``, shape = (rows, categories).
        probabilities: same shape.
    """

    categories: tuple[str, ...]
    labels: npt.NDArray[np.int8]
    probabilities: npt.NDArray[Any]

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def of(
        cls, rows: Sequence[Row], probabilities: npt.NDArray[Any], categories: Sequence[str]
    ) -> Self:
        """Rows beside their probabilities, shape = (rows, categories)."""
        return cls(tuple(categories), label_matrix(rows, categories), probabilities)

    def take(self, places: npt.NDArray[Any] | Sequence[int]) -> Self:
        """Some of the rows, by number or by mask."""
        chosen = np.asarray(places)
        return type(self)(self.categories, self.labels[chosen], self.probabilities[chosen])

    def labelled(self, category: str) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
        """Labels and probabilities of the rows whose label of a category is known."""
        column = self.categories.index(category)
        known = self.labels[:, column] != UNKNOWN
        return self.labels[known, column], self.probabilities[known, column]

    @property
    def label_patterns(self) -> npt.NDArray[np.int64]:
        """A number a row; rows with the same labels have the same, shape = (rows,)."""
        _, pattern = np.unique(self.labels, axis=0, return_inverse=True)
        return pattern.reshape(-1)


def label_matrix(rows: Sequence[Row], categories: Sequence[str]) -> npt.NDArray[np.int8]:
    """Labels of rows, shape = (rows, categories); ``UNKNOWN`` where a row does not say."""
    values = [[row.labels.get(category, UNKNOWN) for category in categories] for row in rows]
    return np.array(values, dtype=np.int8).reshape(len(rows), len(categories))

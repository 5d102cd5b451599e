"""A figure of several rounds: its median, and between what it lay."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of the rounds, and the lowest and the highest."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, rounds: Sequence[float]) -> Self:
        """The spread of at least one round."""
        return cls(statistics.median(rounds), min(rounds), max(rounds))

    def __str__(self) -> str:
        return f"{plain(self.median)} ({plain(self.low)}–{plain(self.high)})"

    def to_json(self) -> dict[str, float]:
        """For a file of results."""
        return {
            "median": rounded(self.median),
            "low": rounded(self.low),
            "high": rounded(self.high),
        }


def rounded(value: float) -> float:
    """Four significant digits: none of these figures is better known."""
    return float(f"{value:.4g}")


def plain(value: float) -> str:
    """Without an exponent, and with no more digits than are known."""
    digits = rounded(value)
    return f"{digits:,.0f}" if abs(digits) >= 100 else f"{digits:g}"  # noqa: PLR2004 - from three digits on none after the point is shown

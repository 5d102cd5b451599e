"""The order of the queue: severity × reach × age, as one number that never has to be recomputed."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rules.engine import reach_weight

PRIORITY_DOUBLES_EVERY: Final = timedelta(hours=2)
"""Waiting this long counts as much as twice the severity × reach. Within a shift even the mildest
item then overtakes fresh ones many times its weight, so nothing starves."""

LEAST_PRIORITY: Final = 1e-6
"""Stands in for zero, which no waiting could ever raise."""


def rank(priority: float, escalated_at: datetime) -> float:
    """The place in the queue; larger comes first.

    An item's weight is ``priority * 2 ** (age / PRIORITY_DOUBLES_EVERY)``. All weights grow by the
    same factor, so their order never changes, and the logarithm without the present time orders
    them just as well: it can be stored once and indexed.

    Args:
        priority: severity × reach weight at the time of the verdict, 0 or more.
        escalated_at: when the waiting began.
    """
    weight = math.log2(max(priority, LEAST_PRIORITY))
    return weight - escalated_at.timestamp() / PRIORITY_DOUBLES_EVERY.total_seconds()


class Severity(StrEnum):
    """How grave a post may be, in thirds of what a category can weigh."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def bounds(self) -> tuple[float, float]:
        """From, and up to but without, on the scale of :func:`severity`."""
        return {
            Severity.HIGH: (2 / 3, math.inf),
            Severity.MEDIUM: (1 / 3, 2 / 3),
            Severity.LOW: (0.0, 1 / 3),
        }[self]


def severity(priority: float, reach: int) -> float:
    """How grave a post may be, whoever sees it: the priority without the weight of its reach.

    That is the probability of a category times its severity in the policy, from 0 to 1, and above
    where a rule raised the priority.
    """
    return priority / reach_weight(reach)

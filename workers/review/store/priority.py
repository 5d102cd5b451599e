"""The order of the queue: severity × reach × age, as one number that never has to be recomputed."""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from typing import Final

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

"""Whole days in UTC, as figures are asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """The first moment of ``first``, and the first after ``last``."""
    return (
        datetime.combine(first, time.min, UTC),
        datetime.combine(last + timedelta(days=1), time.min, UTC),
    )

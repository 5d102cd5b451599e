"""The time as a thing that is handed in, so that leases can be tested without waiting."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present moment with its UTC offset."""


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)

"""How often something happened lately: a window that slides over slices of time."""

from __future__ import annotations

from datetime import datetime, timedelta

from schemas import QUOTA_SLICES


class SliceCounts:
    """Counts by slice, and their sum over the window. For one thread.

    A slice is a number: how many of them went by since 1970-01-01 UTC, so that everybody cuts time
    alike. The window holds the slice of the moment and :data:`~schemas.QUOTA_SLICES` before it:
    everything of the last ``per``, and what is up to one slice older.

    Args:
        per: the window's length.
    """

    def __init__(self, per: timedelta) -> None:
        self._width = per.total_seconds() / QUOTA_SLICES
        self._counts: dict[int, int] = {}
        self._first = 0
        self._total = 0

    def slice_of(self, moment: datetime) -> int:
        """The number of the slice that the moment is in."""
        return int(moment.timestamp() // self._width)

    def add(self, where: int, count: int = 1) -> None:
        """Count something in a slice."""
        self._counts[where] = self._counts.get(where, 0) + count
        if where >= self._first:
            self._total += count

    def total(self, now: int) -> int:
        """The sum over the window that ends with this slice, and over whatever is later.

        Later slices come of clocks that differ, or go back: counting them is the safe side.
        """
        first = now - QUOTA_SLICES
        if first != self._first:
            self._first = first
            self._total = sum(count for where, count in self._counts.items() if where >= first)
        return self._total

    def recent(self, now: int) -> dict[int, int]:
        """The counts of the window; what is older is forgotten for good."""
        first = now - QUOTA_SLICES
        self._counts = {where: n for where, n in self._counts.items() if where >= first}
        return dict(self._counts)

    def clear(self) -> None:
        """Forget everything."""
        self._counts.clear()
        self._total = 0

"""Beside the pages: the figures of quality as metrics, computed anew every few minutes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

from workers.review.clock import Clock
from workers.review.metrics import ReviewMetrics
from workers.review.store import Quality

LOOK_EVERY_SECONDS: Final = 300.0
"""A month's decisions take seconds to count, and hardly change in minutes."""

WATCHED: Final = timedelta(days=30)
"""Long enough for a kappa to mean something, short enough to show a change."""


class QualityWatch:
    """Looks at the figures until cancelled."""

    def __init__(self, quality: Quality, metrics: ReviewMetrics, clock: Clock) -> None:
        self._quality = quality
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Set the gauges, then look again.

        Raises:
            SQLAlchemyError: the database cannot be read.
        """
        while True:
            await self.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Set the gauges to the figures of the last 30 days."""
        today = self._clock().date()
        first = today - WATCHED + timedelta(days=1)
        self._metrics.observe_quality(await self._quality.between(first, today))

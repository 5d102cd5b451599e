"""Beside the pages: erase content as it expires."""

from __future__ import annotations

import asyncio
from typing import Final

from workers.review.metrics import ReviewMetrics
from workers.review.store import ErasedBecause, Erasure, Webhooks
from workers.streams import get_logger

LOOK_EVERY_SECONDS: Final = 60.0
"""Content outlives its time by this at most; beside days it is nothing."""

log = get_logger(__name__)


class Retention:
    """Looks for expired content and old deliveries until cancelled."""

    def __init__(self, erasure: Erasure, webhooks: Webhooks, metrics: ReviewMetrics) -> None:
        self._erasure = erasure
        self._webhooks = webhooks
        self._metrics = metrics

    async def run(self) -> None:
        """Erase what has expired, then look again.

        Raises:
            SQLAlchemyError: the database cannot be written; nothing is half erased then.
        """
        while True:
            erased = await self._erasure.expire()
            if erased:
                self._metrics.erased.labels(ErasedBecause.EXPIRED).inc(erased)
                log.info("content expired", items=erased)
            await self._webhooks.forget_old()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

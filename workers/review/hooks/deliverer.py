"""Beside the pages: send what webhooks are to be told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Final
from uuid import UUID

import aiohttp

from workers.review.clock import Clock
from workers.review.hooks.signing import signed_headers
from workers.review.metrics import ReviewMetrics
from workers.review.store import Webhooks
from workers.review.store.access_tables import Delivery
from workers.streams import get_logger

LOOK_EVERY_SECONDS: Final = 2.0
"""Between two looks when nothing was due: an event waits this long at most."""
AT_ONCE: Final = 16
"""Slow receivers hold up this many others at most."""
ANSWER_WITHIN: Final = aiohttp.ClientTimeout(total=10.0)
"""Receivers are to note the event and answer; the work comes after."""

log = get_logger(__name__)


class Deliverer:
    """Sends until cancelled. Addresses are an admin's choice; redirects are not followed."""

    def __init__(
        self,
        webhooks: Webhooks,
        secret_of: Callable[[UUID], bytes],
        metrics: ReviewMetrics,
        clock: Clock,
    ) -> None:
        self._webhooks = webhooks
        self._secret_of = secret_of
        self._metrics = metrics
        self._clock = clock

    async def run(self) -> None:
        """Send what is due, then look again.

        Raises:
            SQLAlchemyError: the database cannot be written; nothing is lost by it.
        """
        async with aiohttp.ClientSession(timeout=ANSWER_WITHIN) as http:
            while True:
                if not await self.deliver_once(http):
                    await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def deliver_once(self, http: aiohttp.ClientSession) -> int:
        """Try what is due; returns how many that were."""
        taken = await self._webhooks.take(AT_ONCE)
        await asyncio.gather(*(self._deliver(http, delivery, url) for delivery, url in taken))
        return len(taken)

    async def _deliver(self, http: aiohttp.ClientSession, delivery: Delivery, url: str) -> None:
        body = delivery.body.encode()
        headers = signed_headers(
            self._secret_of(delivery.webhook_id), delivery.delivery_id, self._clock(), body
        )
        try:
            async with http.post(url, data=body, headers=headers, allow_redirects=False) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            await self._failed(delivery, type(error).__name__, for_good=False)
            return
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            await self._webhooks.delivered(delivery.delivery_id)
            self._metrics.webhooks.labels("delivered").inc()
            return
        # 410 is how a receiver says that it wants no more of this.
        await self._failed(delivery, f"HTTP {status}", for_good=status == HTTPStatus.GONE)

    async def _failed(self, delivery: Delivery, problem: str, *, for_good: bool) -> None:
        dead = await self._webhooks.failed(delivery.delivery_id, problem, for_good=for_good)
        self._metrics.webhooks.labels("dead" if dead else "failed").inc()
        log.log(
            logging.ERROR if dead else logging.WARNING,
            "webhook not delivered",
            delivery=str(delivery.delivery_id),
            problem=problem,
            attempts=delivery.attempts,
            dead=dead,
        )

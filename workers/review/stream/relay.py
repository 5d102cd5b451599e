"""The outbox into Kafka.

The order is: read unsent rows, send them all and wait for every acknowledgement, mark them as sent.
A crash between the last two steps sends the same bytes again; their ids are the same, so whoever
reads them takes them for one. Rows go out in the order in which they were written.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from aiokafka import AIOKafkaProducer

from schemas import TOPICS
from workers.review.metrics import ReviewMetrics
from workers.review.store import Outbox
from workers.settings import KafkaSettings
from workers.streams import make_producer

LOOK_EVERY_SECONDS: Final = 2.0
"""Between two looks without a nudge: what another replica wrote before it died waits this long."""
BATCH_ROWS: Final = 100

log = logging.getLogger(__name__)


class OutboxRelay:
    """Runs until cancelled. ``connected`` tells whether the broker takes records."""

    def __init__(self, kafka: KafkaSettings, outbox: Outbox, metrics: ReviewMetrics) -> None:
        self._kafka = kafka
        self._outbox = outbox
        self._metrics = metrics
        self._nudged = asyncio.Event()
        self._topics = {
            topic.name: kafka.topic(topic) for topic in (TOPICS.review_decisions, TOPICS.verdicts)
        }
        self.connected = False

    def nudge(self) -> None:
        """Say that there is something to send."""
        self._nudged.set()

    async def run(self) -> None:
        """Relay until cancelled.

        Raises:
            KafkaError: the broker cannot be reached, or refuses a record; no row is marked then.
        """
        producer = make_producer(self._kafka, client_id="review-relay")
        try:
            await producer.start()
            self.connected = True
            while True:
                self._nudged.clear()
                if not await self.relay_once(producer):
                    await self._wait()
        finally:
            self.connected = False
            await producer.stop()

    async def relay_once(self, producer: AIOKafkaProducer) -> int:
        """Send one batch and mark it; returns how many rows it had."""
        rows = await self._outbox.unsent(BATCH_ROWS)
        if not rows:
            return 0
        sending = [
            await producer.send(self._topics[row.topic], key=row.key, value=row.value)
            for row in rows
        ]
        await asyncio.gather(*sending)
        await self._outbox.mark_sent(rows)
        self._metrics.relayed.inc(len(rows))
        log.info("outbox relayed", extra={"records": len(rows)})
        return len(rows)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._nudged.wait(), LOOK_EVERY_SECONDS)
        except TimeoutError:
            return

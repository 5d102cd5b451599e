"""The outbox into Kafka.

The order is: take rows that are due, send them all and wait for every acknowledgement, mark them
as sent. After a crash between the last two steps the rows are doubtful: whoever takes them next
looks on the topics and marks what is there. Only a record of a dying relay that the broker takes
during that look goes out twice, and then under the same id. Rows go out in the order in which they
were written.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from schemas import TOPICS
from workers.review.metrics import ReviewMetrics
from workers.review.store import Outbox, OutboxRow, Traces
from workers.review.store.outbox import Taken
from workers.review.stream.already_sent import already_sent
from workers.settings import KafkaSettings
from workers.streams import get_logger, make_producer

LOOK_EVERY_SECONDS: Final = 2.0
"""Between two looks without a nudge: what another replica wrote before it died waits this long."""
BATCH_ROWS: Final = 100

TOLD: Final = (TOPICS.review_decisions, TOPICS.verdicts)
"""The topics that rows can be for."""

log = get_logger(__name__)


class OutboxRelay:
    """Runs until cancelled. ``connected`` tells whether the broker takes records."""

    def __init__(
        self,
        kafka: KafkaSettings,
        outbox: Outbox,
        metrics: ReviewMetrics,
        traces: Traces | None = None,
    ) -> None:
        self._kafka = kafka
        self._outbox = outbox
        self._metrics = metrics
        self._traces = traces
        self._nudged = asyncio.Event()
        self._name = uuid4().hex
        self._topics = {topic.name: kafka.topic(topic) for topic in TOLD}
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
        taken = await self._outbox.take(BATCH_ROWS, self._name)
        if not taken.rows:
            return 0
        try:
            await self._send(producer, await self._unsent(taken))
        except BaseException:
            await self._outbox.give_back(self._name)
            raise
        await self._outbox.mark_sent(taken.rows)
        log.info("outbox relayed", records=len(taken.rows))
        return len(taken.rows)

    async def _unsent(self, taken: Taken) -> Sequence[OutboxRow]:
        if taken.doubtful_since is None:
            return taken.rows
        sent = await already_sent(self._kafka, TOLD, taken.rows, taken.doubtful_since)
        known = {row.row_id for row in sent}
        log.warning("rows of a relay that died", found_on_topics=len(known))
        return [row for row in taken.rows if row.row_id not in known]

    async def _send(self, producer: AIOKafkaProducer, rows: Sequence[OutboxRow]) -> None:
        headers = await self._headers(rows)
        sending = [
            await producer.send(
                self._topics[row.topic],
                key=row.key,
                value=row.value,
                headers=headers.get(row.decision_id),
            )
            for row in rows
        ]
        await asyncio.gather(*sending)
        self._metrics.relayed.inc(len(rows))

    async def _headers(self, rows: Sequence[OutboxRow]) -> Mapping[UUID, list[tuple[str, bytes]]]:
        if self._traces is None:
            return {}
        return await self._traces.headers({row.decision_id for row in rows})

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._nudged.wait(), LOOK_EVERY_SECONDS)
        except TimeoutError:
            return

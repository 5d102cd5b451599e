"""Escalations from Kafka into the store.

The order is: read, store in one transaction, commit the offsets. A crash before the commit makes
the same records come again, and the store knows them by their verdict ids.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from schemas import TOPICS, Escalation
from workers.review.metrics import ReviewMetrics
from workers.review.store import Intake
from workers.settings import KafkaSettings
from workers.streams import make_consumer

GROUP: Final = "review-console"
POLL_MS: Final = 500
"""How long a poll waits for records; it bounds how long stopping takes, not how fast records are
taken."""
BATCH_RECORDS: Final = 200
"""Of one transaction: large enough that the commit is no cost, small enough to hold in memory."""

log = logging.getLogger(__name__)


class EscalationConsumer:
    """Runs until cancelled. ``connected`` tells whether it is reading."""

    def __init__(self, kafka: KafkaSettings, intake: Intake, metrics: ReviewMetrics) -> None:
        self._kafka = kafka
        self._intake = intake
        self._metrics = metrics
        self.connected = False

    async def run(self) -> None:
        """Consume until cancelled.

        Raises:
            KafkaError: the broker cannot be reached, or refuses.
            SQLAlchemyError: the database cannot be written; nothing is committed then.
        """
        consumer = make_consumer(
            self._kafka,
            self._kafka.topic(TOPICS.escalations),
            group=self._kafka.group(GROUP),
            client_id=GROUP,
        )
        try:
            await consumer.start()
            self.connected = True
            while True:
                await self._take(consumer)
        finally:
            self.connected = False
            await consumer.stop()

    async def _take(self, consumer: AIOKafkaConsumer) -> None:
        polled = await consumer.getmany(timeout_ms=POLL_MS, max_records=BATCH_RECORDS)
        records = [record for batch in polled.values() for record in batch]
        if not records:
            return
        escalations = self._readable(records)
        count = await self._intake.record(escalations)
        await consumer.commit(_after(polled))
        self._metrics.escalations_consumed.inc(len(escalations))
        log.info(
            "escalations stored",
            extra={"added": count.added, "repeated": count.repeated, "closed": count.closed},
        )

    def _readable(self, records: Iterable[ConsumerRecord[Any, Any]]) -> list[Escalation]:
        escalations = []
        for record in records:
            try:
                escalations.append(Escalation.from_bytes(record.value or b""))
            except ValidationError as error:
                # Not retried, as it would fail for ever; the worker's verdict still says `review`.
                self._metrics.unreadable.inc()
                first = error.errors(include_input=False, include_url=False, include_context=False)
                log.error(  # noqa: TRY400 - the traceback would hold the post's content
                    "unreadable escalation skipped",
                    extra={
                        "topic": record.topic,
                        "partition": record.partition,
                        "offset": record.offset,
                        "problem": f"{first[0]['type']} at {first[0]['loc']}",
                    },
                )
        return escalations


def _after(
    polled: dict[TopicPartition, list[ConsumerRecord[Any, Any]]],
) -> dict[TopicPartition, int]:
    return {partition: batch[-1].offset + 1 for partition, batch in polled.items() if batch}

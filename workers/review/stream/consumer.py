"""Records from Kafka into the store.

The order is: read, store in one transaction, commit the offsets. A crash before the commit makes
the same records come again, and the store knows them by their ids.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from pydantic import ValidationError

from schemas import TOPICS, Appeal, Escalation, Message, Topic, Verdict
from workers.review.metrics import ReviewMetrics
from workers.review.store import Appeals, ErasedBecause, Intake, PostChanges, Statements, Traces
from workers.settings import KafkaSettings
from workers.streams import get_logger, make_consumer

GROUP: Final = "review-console"
VERDICTS_GROUP: Final = "review-console-verdicts"
APPEALS_GROUP: Final = "review-console-appeals"
POLL_MS: Final = 500
"""How long a poll waits for records; it bounds how long stopping takes, not how fast records are
taken."""
BATCH_RECORDS: Final = 200
"""Of one transaction: large enough that the commit is no cost, small enough to hold in memory."""

M = TypeVar("M", bound=Message)
Record: TypeAlias = ConsumerRecord[Any, Any]

log = get_logger(__name__)


class StoringConsumer(ABC, Generic[M]):
    """Runs until cancelled. ``connected`` tells whether it is reading."""

    topic: ClassVar[Topic]
    group: ClassVar[str]

    def __init__(self, kafka: KafkaSettings, metrics: ReviewMetrics) -> None:
        self._kafka = kafka
        self._metrics = metrics
        self.connected = False

    @abstractmethod
    def read(self, raw: bytes) -> M:
        """One message.

        Raises:
            pydantic.ValidationError: it breaks the contract.
        """

    @abstractmethod
    async def store(self, messages: Sequence[M]) -> None:
        """Keep a batch; what was kept before changes nothing."""

    async def run(self) -> None:
        """Consume until cancelled.

        Raises:
            KafkaError: the broker cannot be reached, or refuses.
            SQLAlchemyError: the database cannot be written; nothing is committed then.
        """
        consumer = make_consumer(
            self._kafka,
            self._kafka.topic(self.topic),
            group=self._kafka.group(self.group),
            client_id=self.group,
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
        readable = self._readable(records)
        await self.store([message for _, message in readable])
        await self.trace(readable)
        await consumer.commit(_after(polled))

    async def trace(self, messages: Sequence[tuple[Record, M]]) -> None:
        """Continue the traces of a batch that was stored, where that is wanted."""

    def _readable(self, records: Iterable[Record]) -> list[tuple[Record, M]]:
        messages = []
        for record in records:
            try:
                messages.append((record, self.read(record.value or b"")))
            except ValidationError as error:
                # Not retried, as it would fail for ever; the worker's verdict still says `review`.
                self._metrics.unreadable.inc()
                first = error.errors(include_input=False, include_url=False, include_context=False)
                log.error(  # noqa: TRY400 - the traceback would hold the post's content
                    "unreadable record skipped",
                    topic=record.topic,
                    partition=record.partition,
                    offset=record.offset,
                    problem=f"{first[0]['type']} at {first[0]['loc']}",
                )
        return messages


class EscalationConsumer(StoringConsumer[Escalation]):
    """Escalations into the queue."""

    topic = TOPICS.escalations
    group = GROUP

    def __init__(
        self,
        kafka: KafkaSettings,
        intake: Intake,
        metrics: ReviewMetrics,
        traces: Traces | None = None,
    ) -> None:
        super().__init__(kafka, metrics)
        self._intake = intake
        self._traces = traces

    def read(self, raw: bytes) -> Escalation:
        """One escalation."""
        return Escalation.from_bytes(raw)

    async def store(self, messages: Sequence[Escalation]) -> None:
        """New ones become items."""
        count = await self._intake.record(messages)
        self._metrics.escalations_consumed.inc(len(messages))
        log.info(
            "escalations stored",
            added=count.added,
            repeated=count.repeated,
            closed=count.closed,
        )

    async def trace(self, messages: Sequence[tuple[Record, Escalation]]) -> None:
        """The items keep the traces of their posts."""
        if self._traces is not None:
            await self._traces.queued((message, record.headers) for record, message in messages)


class VerdictConsumer(StoringConsumer[Verdict]):
    """Verdicts, for what they make obsolete and for the restrictions that they impose."""

    topic = TOPICS.verdicts
    group = VERDICTS_GROUP

    def __init__(
        self,
        kafka: KafkaSettings,
        changes: PostChanges,
        statements: Statements,
        metrics: ReviewMetrics,
    ) -> None:
        super().__init__(kafka, metrics)
        self._changes = changes
        self._statements = statements

    def read(self, raw: bytes) -> Verdict:
        """One verdict."""
        return Verdict.from_bytes(raw)

    async def store(self, messages: Sequence[Verdict]) -> None:
        """Items of withdrawn and edited posts leave the queue; withdrawn content is erased."""
        count = await self._changes.record(messages)
        stated = await self._statements.record(messages)
        self._metrics.verdicts_consumed.inc(len(messages))
        self._metrics.erased.labels(ErasedBecause.WITHDRAWN).inc(count.erased)
        self._metrics.statements.inc(stated.added)
        if count.superseded or count.erased:
            log.info(
                "verdicts closed items",
                superseded=count.superseded,
                erased=count.erased,
            )


class AppealConsumer(StoringConsumer[Appeal]):
    """Appeals into the queue."""

    topic = TOPICS.appeals
    group = APPEALS_GROUP

    def __init__(self, kafka: KafkaSettings, appeals: Appeals, metrics: ReviewMetrics) -> None:
        super().__init__(kafka, metrics)
        self._appeals = appeals

    def read(self, raw: bytes) -> Appeal:
        """One appeal."""
        return Appeal.from_bytes(raw)

    async def store(self, messages: Sequence[Appeal]) -> None:
        """New ones become items."""
        count = await self._appeals.record(messages)
        self._metrics.count_appeals(count)
        log.info(
            "appeals stored",
            opened=count.opened,
            repeated=count.repeated,
            refused=count.refused,
        )


def _after(
    polled: dict[TopicPartition, list[Record]],
) -> dict[TopicPartition, int]:
    return {partition: batch[-1].offset + 1 for partition, batch in polled.items() if batch}

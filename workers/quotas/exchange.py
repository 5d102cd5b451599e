"""Workers tell each other over the topic ``quotas`` what they took, tripped, and see reset.

A worker is in touch while what it writes comes back to it on the topic. When that takes longer than
:data:`OUT_OF_TOUCH_SECONDS` it stands alone: it then uses only its share of every quota, until it
has caught up.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas import QuotaRecord
from workers.quotas.ledger import SharedLedger
from workers.streams import get_logger

log = get_logger(__name__)

POLL_MS: Final = 200
"""How long one poll waits for records; those that are there come at once."""

RETRY_SECONDS: Final = 1.0
"""Between attempts while the broker does not answer."""

OUT_OF_TOUCH_SECONDS: Final = 5.0
"""For a record to be written and read back: some hundred times what it takes on a broker that is
well, and short of the time in which a runaway rule does its damage."""

CATCH_UP_SECONDS: Final = 15.0
"""Longest wait at the start for what the topic holds, before posts are judged by a share."""

TIDY_SECONDS: Final = 60.0
"""Between removals of what counts no more; the shortest window of use is about as long."""


MAX_WRITTEN: Final = 1_000
"""Publications of which we remember that they have not come back; the oldest are dropped."""


class _Written(NamedTuple):
    """One publication."""

    begun: float
    offsets: Mapping[int, int]
    """Of its last records, by partition."""


class QuotaExchange:
    """Keeps a ledger and the topic equal.

    Args:
        consumer: without a group, started, and used by nobody else.
        producer: started, and used by nobody else.
        topic: full name of ``quotas``.
        ledger: of this worker.
        clock: the time, with its offset from UTC.
        every_seconds: between two publications at most, while there is something to tell.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        producer: AIOKafkaProducer,
        topic: str,
        ledger: SharedLedger,
        *,
        clock: Callable[[], datetime],
        every_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._producer = producer
        self._topic = topic
        self._ledger = ledger
        self._clock = clock
        self._share = 1.0
        self._every_seconds = every_seconds
        self._begun = time.monotonic()
        self._ends: dict[TopicPartition, int] = {}
        self._read: dict[int, int] = {}
        """The offset that follows the last record read, by partition."""
        self._caught_up = asyncio.Event()
        self._news = asyncio.Event()
        self._written: deque[_Written] = deque(maxlen=MAX_WRITTEN)
        self._failing_since: float | None = None
        self._refusal: str | None = None
        self._alone = False
        self._next_tidy = time.monotonic() + TIDY_SECONDS

    def use_share(self, share: float) -> None:
        """Say which part of all posts comes to this worker now, 0..1."""
        self._share = share

    @property
    def alone(self) -> bool:
        """Whether this worker uses only its share, because it does not hear the others."""
        return self._alone

    async def gate(self, timeout_seconds: float) -> bool:
        """Wait until the ledger knows what the topic held at the start.

        Opens also when that takes too long: then posts are judged by a share of every quota.
        """
        if self._caught_up.is_set() or self._alone:
            return True
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._caught_up.wait()
        except TimeoutError:
            if time.monotonic() - self._begun < CATCH_UP_SECONDS:
                return False
            self._stand_alone("the topic could not be read to its end")
        return True

    async def run(self) -> None:
        """Follow and publish until cancelled. What the broker refuses is asked again."""
        loop = asyncio.get_running_loop()
        self._ledger.wake_by(lambda: loop.call_soon_threadsafe(self._news.set))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow())
            tasks.create_task(self._publish())

    async def flush(self) -> None:
        """Tell what was taken since the last publication, before the worker leaves."""
        if self._caught_up.is_set():
            await self._tell(self._ledger.outgoing(self._clock()))

    async def _follow(self) -> None:
        while True:
            try:
                if not self._ends:
                    await self._begin()
                self._take_in(await self._consumer.getmany(timeout_ms=POLL_MS))
                if not self._caught_up.is_set() and await self._is_at_end():
                    self._caught_up.set()
                self._refusal = None
            except KafkaError as error:
                self._refusal = f"the topic cannot be read: {type(error).__name__}"
                await asyncio.sleep(RETRY_SECONDS)

    async def _begin(self) -> None:
        partitions = await self._producer.partitions_for(self._topic)
        places = [TopicPartition(self._topic, number) for number in sorted(partitions)]
        self._consumer.assign(places)
        await self._consumer.seek_to_beginning(*places)
        self._ends = await self._consumer.end_offsets(places)

    async def _is_at_end(self) -> bool:
        for place, end in self._ends.items():
            if await self._consumer.position(place) < end:
                return False
        return True

    def _take_in(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        for place, records in batches.items():
            for record in records:
                self._learn(record)
                self._read[place.partition] = record.offset
        self._confirm()

    def _learn(self, record: Any) -> None:
        if record.value is None:
            # Whoever deleted it took us for gone.
            self._ledger.lost((record.key or b"").decode(errors="replace"))
            return
        try:
            self._ledger.learn(QuotaRecord.from_bytes(record.value))
        except ValidationError:
            log.warning(
                "a record of quotas breaks the contract and is skipped",
                partition=record.partition,
                offset=record.offset,
            )

    async def _publish(self) -> None:
        while True:
            # Not wait_for, which swallows a cancellation that comes together with news (3.11).
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every_seconds):
                    await self._news.wait()
            self._news.clear()
            if self._caught_up.is_set():
                await self._tell(self._ledger.outgoing(self._clock()))
                await self._tidy()
            self._look_around()
            if self._failing_since is not None:
                await asyncio.sleep(RETRY_SECONDS)

    async def _tell(self, records: Sequence[QuotaRecord]) -> None:
        if not records:
            return
        begun = time.monotonic()
        try:
            async with asyncio.timeout(OUT_OF_TOUCH_SECONDS):
                offsets = await self._send([(one.key, one.to_bytes()) for one in records])
        except (KafkaError, TimeoutError):
            self._ledger.say_again(records)
            self._failing_since = self._failing_since or begun
        else:
            self._failing_since = None
            self._written.append(_Written(begun, offsets))
            self._confirm()

    async def _tidy(self) -> None:
        """Delete what counts no more. Left undone it only costs space: it is tried once."""
        if time.monotonic() < self._next_tidy:
            return
        self._next_tidy = time.monotonic() + TIDY_SECONDS
        gone = self._ledger.expired(self._clock())
        with suppress(KafkaError, TimeoutError):
            async with asyncio.timeout(OUT_OF_TOUCH_SECONDS):
                await self._send([(one.key, None) for one in gone])

    async def _send(self, records: Iterable[tuple[str, bytes | None]]) -> dict[int, int]:
        """Write, and wait until the broker has everything; the last offsets by partition."""
        # Queue all before waiting for any, so that they share requests.
        queued = [
            await self._producer.send(self._topic, value, key.encode()) for key, value in records
        ]
        written = [await one for one in queued]
        return {one.partition: one.offset for one in sorted(written, key=lambda one: one.offset)}

    def _confirm(self) -> None:
        """Forget what was written and has come back."""
        while self._written and all(
            self._read.get(partition, -1) >= offset
            for partition, offset in self._written[0].offsets.items()
        ):
            self._written.popleft()

    def _look_around(self) -> None:
        trouble = self._refusal or self._silence()
        if trouble is not None:
            self._stand_alone(trouble)
        elif self._alone and self._caught_up.is_set():
            self._alone = False
            self._ledger.stand_alone(None)
            log.info("quotas are shared with the other workers again")

    def _silence(self) -> str | None:
        deadline = time.monotonic() - OUT_OF_TOUCH_SECONDS
        if self._failing_since is not None and self._failing_since <= deadline:
            return "the topic takes no records"
        if self._written and self._written[0].begun <= deadline:
            return "what is written does not come back"
        return None

    def _stand_alone(self, reason: str) -> None:
        self._ledger.stand_alone(self._share)
        if not self._alone:
            self._alone = True
            log.warning(
                "quotas are not shared: this worker uses only its share of each",
                topic=self._topic,
                reason=reason,
                share=self._share,
            )

"""Intake: read records while there is room for them, and no faster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import Retry
from workers.moderator.in_flight import InFlight
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Record, read_retry
from workers.moderator.retries import LONGEST_RETRY_SECONDS
from workers.moderator.rules_stage import Clock
from workers.streams import Watermarks

POLL_MS: Final = 100
"""How long one poll waits for records. It returns at once when some come; the rest only bounds how
soon a stop is noticed."""

KEEP_POLLING_SECONDS: Final = 10.0
"""Time between polls while intake is paused, so that the consumer stays in the group. A poll of a
paused partition throws away what was already fetched for it, so it must not happen often."""

POLLS_AN_INTERVAL: Final = 3
"""At least, where the poll interval is short."""


Gate = Callable[[float], Awaitable[bool]]
"""Waits up to so many seconds until intake may go on; returns whether it may."""


class Intake:
    """Polls the consumer, and hands records on with the epoch of their assignment.

    Args:
        consumer: subscribed, started, and polled by nobody else.
        watermarks: of the partitions assigned; each record is begun before it is handed on.
        in_flight: counts what is handed on.
        gates: all must be open before a record is taken in.
        may_read: whether records of a partition may be taken in at all.
        retry_topic: whose records wait until they are due.
        handle: takes the records of a poll and returns at once.
        metrics: counts records.
        poll_posts: largest number of records of one poll.
        poll_interval_seconds: without a poll, until the consumer leaves the group.
        clock: tells what is due.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        *,
        watermarks: Watermarks,
        in_flight: InFlight,
        gates: Sequence[Gate],
        may_read: Callable[[TopicPartition], bool],
        retry_topic: str,
        handle: Callable[[Sequence[Record]], object],
        metrics: WorkerMetrics,
        poll_posts: int,
        poll_interval_seconds: float,
        clock: Clock,
    ) -> None:
        self._consumer = consumer
        self._watermarks = watermarks
        self._in_flight = in_flight
        self._gates = gates
        self._may_read = may_read
        self._retry_topic = retry_topic
        self._handle = handle
        self._metrics = metrics
        self._poll_posts = poll_posts
        self._keep_polling_seconds = min(
            KEEP_POLLING_SECONDS, poll_interval_seconds / POLLS_AN_INTERVAL
        )
        self._clock = clock
        self._not_before: dict[TopicPartition, float] = {}
        self._last_turn = self._last_poll = time.monotonic()

    @property
    def idle_seconds(self) -> float:
        """Since the loop last took a turn."""
        return time.monotonic() - self._last_turn

    async def run(self, stop: asyncio.Event) -> None:
        """Poll until ``stop`` is set; notices it within one poll."""
        while not stop.is_set():
            self._last_turn = time.monotonic()
            if await self._may_take():
                self._resume()
                await self._poll(POLL_MS)
            else:
                # Said anew each time: a rebalance forgets pauses.
                self._consumer.pause(*self._consumer.assignment())
                if time.monotonic() - self._last_poll > self._keep_polling_seconds:
                    await self._poll(0)

    async def _may_take(self) -> bool:
        for gate in self._gates:
            if not await gate(POLL_MS / 1000):
                return False
        return True

    def _resume(self) -> None:
        """Fetch from all partitions but those that have to wait."""
        waiting = {place for place in self._consumer.assignment() if self._has_to_wait(place)}
        self._consumer.pause(*waiting)
        self._consumer.resume(*(self._consumer.paused() - waiting))

    def _has_to_wait(self, place: TopicPartition) -> bool:
        """Whether it is not opened yet, or too much waits behind one record, or none is due."""
        if place not in self._watermarks or not self._may_read(place):
            return True
        if self._not_before.get(place, 0.0) > time.monotonic():
            return True
        watermark = self._watermarks[place]
        return watermark.span + self._poll_posts > watermark.max_span_records

    async def _poll(self, timeout_ms: int) -> None:
        # Never cancelled and never under wait_for: aiokafka would stop checking the poll interval
        # for good. No await stands between its return and _take, so the epoch that a record gets
        # is that of the assignment under which it was fetched.
        batches = await self._consumer.getmany(timeout_ms=timeout_ms, max_records=self._poll_posts)
        self._last_poll = time.monotonic()
        self._take(batches)

    def _take(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> None:
        records: list[Record] = []
        for place, raw_records in batches.items():
            # Fetched under an epoch that has ended meanwhile; it is read again.
            if place in self._watermarks and self._may_read(place):
                records.extend(self._taken(place, raw_records))
        if records:
            self._in_flight.take(len(records), sum(len(record.value) for record in records))
            self._handle(records)

    def _taken(self, place: TopicPartition, raw_records: Sequence[Any]) -> Sequence[Record]:
        """Those that need an answer. The first that is not due ends a partition's turn."""
        retried = place.topic == self._retry_topic
        watermark = self._watermarks[place]
        consumed, taken = 0, []
        for raw in raw_records:
            retry = read_retry(raw.headers) if retried else None
            if retry is not None and self._wait_for(place, raw.offset, retry):
                break
            consumed += 1
            watermark.begin(raw.offset)
            if not watermark.awaits(raw.offset):
                continue  # answered before, in a commit that went further than its position
            if raw.value is None:
                # It names no post, so there is nothing to answer.
                self._metrics.null_records.inc()
                watermark.finish(raw.offset)
            else:
                taken.append(Record.read(raw, place, watermark.epoch, retry))
        self._metrics.records_consumed.inc(consumed)
        return taken

    def _wait_for(self, place: TopicPartition, offset: int, retry: Retry) -> bool:
        """Whether the record is not due; then the partition is read again from it when it is."""
        # A clock that jumps must not keep a post away for longer than any pause is.
        wait = min((retry.due_at - self._clock()).total_seconds(), LONGEST_RETRY_SECONDS)
        if wait <= 0:
            return False
        self._consumer.seek(place, offset)
        self._not_before[place] = time.monotonic() + wait
        return True

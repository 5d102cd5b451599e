"""Intake: read records while there is room for them, and no faster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from workers.moderator.in_flight import InFlight
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Record
from workers.streams import Watermarks

POLL_MS: Final = 100
"""How long one poll waits for records. It returns at once when some come; the rest only bounds how
soon a stop is noticed."""

KEEP_POLLING_SECONDS: Final = 10.0
"""Time between polls while intake is paused, so that the broker keeps the consumer in the group:
far below the poll interval of five minutes. A poll of a paused partition throws away what was
already fetched for it, so it must not happen often."""


Gate = Callable[[float], Awaitable[bool]]
"""Waits up to so many seconds until intake may go on; returns whether it may."""


class Intake:
    """Polls the consumer, and hands records on with the epoch of their assignment.

    Args:
        consumer: subscribed, started, and polled by nobody else.
        watermarks: of the partitions assigned; each record is begun before it is handed on.
        in_flight: counts what is handed on.
        gates: all must be open before a record is taken in.
        handle: takes the records of a poll and returns at once.
        metrics: counts records.
        poll_posts: largest number of records of one poll.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        *,
        watermarks: Watermarks,
        in_flight: InFlight,
        gates: Sequence[Gate],
        handle: Callable[[Sequence[Record]], object],
        metrics: WorkerMetrics,
        poll_posts: int,
    ) -> None:
        self._consumer = consumer
        self._watermarks = watermarks
        self._in_flight = in_flight
        self._gates = gates
        self._handle = handle
        self._metrics = metrics
        self._poll_posts = poll_posts
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
                if time.monotonic() - self._last_poll > KEEP_POLLING_SECONDS:
                    await self._poll(0)

    async def _may_take(self) -> bool:
        for gate in self._gates:
            if not await gate(POLL_MS / 1000):
                return False
        return True

    def _resume(self) -> None:
        """Fetch from all partitions but those in which too much waits behind one record."""
        full = {place for place in self._consumer.assignment() if self._is_full(place)}
        self._consumer.pause(*full)
        self._consumer.resume(*(self._consumer.paused() - full))

    def _is_full(self, place: TopicPartition) -> bool:
        if place not in self._watermarks:
            return False
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
        records = []
        for place, raw_records in batches.items():
            self._metrics.records_consumed.inc(len(raw_records))
            for raw in raw_records:
                epoch = self._watermarks.begin(place, raw.offset)
                if raw.value is None:
                    # It names no post, so there is nothing to answer.
                    self._metrics.null_records.inc()
                    self._watermarks.finish(place, raw.offset, epoch)
                else:
                    records.append(Record.read(raw, place, epoch))
        if records:
            self._in_flight.take(len(records), sum(len(record.value) for record in records))
            self._handle(records)

"""Keep a store equal to a topic, or to some of its partitions.

``author-signals`` has the key, partition count and partitioner of ``posts``, so an author's signals
are in the partition with the number of the one that holds their posts: a worker follows those that
it owns. ``review-decisions`` has another key than ``posts``, so every worker follows all of it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, Final, Generic, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas import Message
from workers.moderator.rules_stage import Clock
from workers.moderator.topic_store import Change, TopicStore

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Message)

POLL_MS: Final = 200
"""How long one poll waits for records; also how soon a new assignment is followed."""

POLL_RECORDS: Final = 1_000
"""Written in one transaction: a few milliseconds on the rules thread."""

RETRY_SECONDS: Final = 1.0
"""Between attempts while the broker does not answer."""

PURGE_SECONDS: Final = 3_600.0
"""Time between removals of what has expired; lookups skip it anyway."""


class TopicFollower(Generic[M]):
    """Keeps a store equal to the partitions of a topic that matter.

    Args:
        consumer: without a group, started, and used by nobody else.
        topic: its full name.
        store: filled and asked on ``thread`` only.
        partitions: of the topic, to follow all of it, and what is added to it later; without them
            the partitions with the numbers of those assigned of ``posts`` are followed.
        thread: one thread.
        clock: for expiry.
        wait_seconds: longest time that intake waits for a new assignment to be caught up.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        topic: str,
        store: TopicStore[M],
        *,
        partitions: frozenset[int] | None = None,
        thread: Executor,
        clock: Clock,
        wait_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._store = store
        self._partitions = partitions
        self._thread = thread
        self._clock = clock
        self._wait_seconds = wait_seconds
        self._wanted = partitions
        self._followed: frozenset[int] | None = None
        self._wanted_since = time.monotonic()
        self._ends: dict[TopicPartition, int] = {}
        self._caught_up = asyncio.Event()
        self._next_purge = time.monotonic() + PURGE_SECONDS

    def assigned(self, partitions: frozenset[int]) -> None:
        """These partitions of ``posts`` are ours from now on."""
        if self._partitions is None:
            self._follow(partitions)

    def _follow(self, partitions: frozenset[int]) -> None:
        """Follow these partitions from now on, each from its beginning."""
        if partitions != self._wanted:
            self._wanted = partitions
            self._wanted_since = time.monotonic()
            self._caught_up.clear()

    async def gate(self, timeout_seconds: float) -> bool:
        """Wait until the store holds what the topic held when the assignment came.

        Opens also when that takes too long: then posts are judged by what is known so far.
        """
        if self._caught_up.is_set():
            return True
        try:
            await asyncio.wait_for(self._caught_up.wait(), timeout_seconds)
        except TimeoutError:
            waited = time.monotonic() - self._wanted_since
            if self._wanted is None or waited < self._wait_seconds:
                return False
            log.warning(
                "a topic is not followed to its end yet; posts are judged without the rest of it",
                extra={"topic": self._topic, "waited_seconds": self._wait_seconds},
            )
            self._caught_up.set()
        return True

    async def run(self) -> None:
        """Follow until cancelled. What the broker refuses is asked again."""
        while True:
            try:
                await self._turn()
            except KafkaError as error:
                log.warning(
                    "a topic cannot be followed; trying again",
                    extra={"topic": self._topic, "exception": type(error).__name__},
                )
                self._followed = None
                await asyncio.sleep(RETRY_SECONDS)

    async def _turn(self) -> None:
        if self._partitions is not None:
            known = self._consumer.partitions_for_topic(self._topic) or ()
            self._follow(self._partitions.union(known))
        if self._wanted is not None and self._wanted != self._followed:
            await self._switch(self._wanted)
        if self._followed:
            batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)
            changes = list(self._changes(batches))
            if changes:
                await self._on_thread(self._store.apply, changes)
        else:
            await asyncio.sleep(POLL_MS / 1000)
        if not self._caught_up.is_set() and await self._is_at_end():
            self._caught_up.set()
        if time.monotonic() > self._next_purge:
            self._next_purge = time.monotonic() + PURGE_SECONDS
            await self._forget_others()

    async def _switch(self, partitions: frozenset[int]) -> None:
        places = [TopicPartition(self._topic, number) for number in sorted(partitions)]
        self._ends = {}
        if places:
            self._consumer.assign(places)
            await self._consumer.seek_to_beginning(*places)
            self._ends = await self._consumer.end_offsets(places)
        self._followed = partitions
        await self._forget_others()

    async def _is_at_end(self) -> bool:
        if self._wanted is None or self._wanted != self._followed:
            return False
        for place, end in self._ends.items():
            if await self._consumer.position(place) < end:
                return False
        return True

    async def _forget_others(self) -> None:
        partitions = self._followed or frozenset()
        await self._on_thread(self._store.keep_only, partitions, self._clock())

    async def _on_thread(self, call: Callable[..., None], *arguments: object) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    def _changes(self, batches: Mapping[TopicPartition, Sequence[Any]]) -> Iterator[Change[M]]:
        for place, records in batches.items():
            for record in records:
                try:
                    key = (record.key or b"").decode()
                    value = record.value
                    message = None if value is None else self._store.message.from_bytes(value)
                except (UnicodeDecodeError, ValidationError):
                    log.warning(
                        "a record breaks the contract of its topic and is skipped",
                        extra={
                            "topic": place.topic,
                            "partition": place.partition,
                            "offset": record.offset,
                        },
                    )
                else:
                    yield Change(place.partition, key, message)

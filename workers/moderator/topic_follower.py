"""Hear a topic, or some of its partitions, from the beginning on.

``author-signals`` has the key, partition count and partitioner of ``posts``, so an author's signals
are in the partition with the number of the one that holds their posts: a worker follows those that
it owns. ``review-decisions`` and ``policies`` have other keys than ``posts``, so every worker
follows all of them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol, TypeAlias

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from schemas import Topic
from workers.moderator.beside import Beside
from workers.moderator.resources import started
from workers.settings import KafkaSettings
from workers.streams import describe_topics, get_logger, make_consumer

log = get_logger(__name__)

POLL_MS: Final = 200
"""How long one poll waits for records; also how soon a new assignment is followed."""

POLL_RECORDS: Final = 1_000
"""Heard together: a few milliseconds on the rules thread, where they go into a store."""

RETRY_SECONDS: Final = 1.0
"""Between attempts while the broker does not answer."""

TIDY_SECONDS: Final = 3_600.0
"""Between removals of what has expired; lookups skip it anyway."""

Record: TypeAlias = ConsumerRecord[Any, Any]


class Listener(Protocol):
    """Makes something of the records of a topic."""

    async def hear(self, records: Sequence[Record]) -> None:
        """Take records in, each partition's in their order. A restart brings all of them again."""
        ...

    async def at_end(self) -> None:
        """What the topic held when it was first followed has been heard, and now perhaps more."""
        ...

    async def keep_only(self, partitions: frozenset[int]) -> None:
        """From now on these partitions are followed; called at times, to be tidy."""
        ...


class TopicFollower:
    """Tells listeners the records of the partitions of a topic that matter.

    Args:
        consumer: without a group, started, and used by nobody else.
        topic: its full name.
        listeners: each is told everything.
        partitions: of the topic, to follow all of it, and what is added to it later; without them
            the partitions with the numbers of those assigned of ``posts`` are followed.
        wait_seconds: longest time that intake waits for a new assignment to be caught up.
    """

    def __init__(
        self,
        consumer: AIOKafkaConsumer,
        topic: str,
        listeners: Sequence[Listener],
        *,
        partitions: frozenset[int] | None = None,
        wait_seconds: float,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._listeners = listeners
        self._partitions = partitions
        self._wait_seconds = wait_seconds
        self._wanted = partitions
        self._followed: frozenset[int] | None = None
        self._wanted_since = time.monotonic()
        self._ends: dict[TopicPartition, int] = {}
        self._caught_up = asyncio.Event()
        self._next_tidy = time.monotonic() + TIDY_SECONDS

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
        """Wait until what the topic held when the assignment came has been heard.

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
                topic=self._topic,
                waited_seconds=self._wait_seconds,
            )
            self._caught_up.set()
        return True

    async def run(self) -> None:
        """Follow until cancelled. What the broker refuses is asked again, from the beginning."""
        while True:
            try:
                await self._turn()
            except KafkaError as error:
                log.warning(
                    "a topic cannot be followed; trying again",
                    topic=self._topic,
                    error=type(error).__name__,
                )
                self._followed = None
                await asyncio.sleep(RETRY_SECONDS)

    async def _turn(self) -> None:
        if self._partitions is not None:
            known = self._consumer.partitions_for_topic(self._topic) or ()
            self._follow(self._partitions.union(known))
        if self._wanted is not None and self._wanted != self._followed:
            await self._switch(self._wanted)
        heard = await self._hear()
        if (heard or not self._caught_up.is_set()) and await self._is_at_end():
            for listener in self._listeners:
                await listener.at_end()
            self._caught_up.set()
        if time.monotonic() > self._next_tidy:
            self._next_tidy = time.monotonic() + TIDY_SECONDS
            await self._forget_others()

    async def _hear(self) -> bool:
        if not self._followed:
            await asyncio.sleep(POLL_MS / 1000)
            return False
        batches = await self._consumer.getmany(timeout_ms=POLL_MS, max_records=POLL_RECORDS)
        records = [record for batch in batches.values() for record in batch]
        if records:
            for listener in self._listeners:
                await listener.hear(records)
        return bool(records)

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
        for listener in self._listeners:
            await listener.keep_only(self._followed or frozenset())


@asynccontextmanager
async def followed(
    kafka: KafkaSettings,
    topic: Topic,
    listeners: Sequence[Listener],
    *,
    into: Beside,
    whole: bool,
    wait_seconds: float,
) -> AsyncIterator[None]:
    """Have listeners told of a topic, by what the worker runs beside answering posts.

    Args:
        kafka: how to reach the broker.
        topic: of the contract.
        listeners: each is told everything.
        into: gets the loop, the gate, and who wants to know of assignments.
        whole: follow all of the topic, and not what corresponds to our partitions of ``posts``.
        wait_seconds: longest time that intake waits for it.

    Raises:
        StartError: the broker does not let the worker in.
    """
    partitions = None
    if whole:
        # The contract may say one; a broker may have made more.
        (described,) = await describe_topics(kafka, [topic])
        partitions = frozenset(range(described.partitions))
    client = make_consumer(kafka, client_id=f"moderation-worker-{topic.name}")
    async with started(client) as consumer:
        follower = TopicFollower(
            consumer,
            kafka.topic(topic),
            listeners,
            partitions=partitions,
            wait_seconds=wait_seconds,
        )
        into.loops.append(follower.run)
        into.gates.append(follower.gate)
        into.on_assigned.append(follower.assigned)
        yield

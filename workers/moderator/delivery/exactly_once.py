"""Exactly once: a lane of transactions for each partition number that is ours."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final

from aiokafka import AIOKafkaProducer, TopicPartition

from workers.moderator.answers import Answer
from workers.moderator.delivery.chunks import ChunkLimits
from workers.moderator.delivery.lane import Lane
from workers.moderator.delivery.messages import Messages
from workers.moderator.delivery.port import Books, Reading
from workers.moderator.delivery.transactor import Transactor
from workers.moderator.faults import FaultPoint
from workers.moderator.recollection import Recall
from workers.moderator.resources import started
from workers.settings import KafkaSettings
from workers.streams import Progress, make_admin, make_producer

CLOSE_SECONDS: Final = 5.0
"""For a lane to commit what waits: many round trips to a broker that answers. What is left open
after that is aborted, and answered by the next owner."""

NO_LINGER_MS: Final = 0
"""A chunk is handed over whole, so no record in it need wait for another."""


@dataclass(frozen=True, slots=True)
class _OpenLane:
    lane: Lane
    task: asyncio.Task[None]


class ExactlyOnce:
    """Answers and offsets in one transaction a chunk, by partition.

    Args:
        kafka: how to reach the broker.
        group: full id of the consumer group.
        reading: the consumer of the partitions.
        committed: asks the broker how far a partition is answered.
        recall: reads back what was answered last.
        books: told what became of each record.
        limits: of a chunk.
        timeout_seconds: after which the broker aborts a transaction that is not committed.
        fault: reached at each step of a transaction.
    """

    def __init__(
        self,
        kafka: KafkaSettings,
        *,
        group: str,
        reading: Reading,
        committed: Callable[[TopicPartition], Awaitable[Progress | None]],
        recall: Recall,
        books: Books,
        limits: ChunkLimits,
        timeout_seconds: float,
        fault: FaultPoint,
    ) -> None:
        self._kafka = kafka
        self._group = group
        self._reading = reading
        self._committed = committed
        self._recall = recall
        self._messages = Messages(kafka)
        self._books = books
        self._limits = limits
        self._timeout_ms = int(timeout_seconds * 1000)
        self._fault = fault
        self._lanes: dict[int, _OpenLane] = {}
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def deliver(self, answers: Sequence[Answer]) -> None:
        """Hand each answer to the lane of its partition."""
        current, stale = self._books.sorted_out(answers)
        self._books.dropped(stale)
        # Answers of a poll come partition by partition.
        for number, group in itertools.groupby(current, key=_number):
            self._lanes[number].lane.put(list(group))

    def may_read(self, place: TopicPartition) -> bool:
        """Whether the partition's lane is open."""
        return place.partition in self._lanes and self._lanes[place.partition].lane.ready

    def assigned(self, places: Collection[TopicPartition], on_fenced: Callable[[], object]) -> None:
        """Open a lane for each number; records are read from them once they are open."""
        for number in {place.partition for place in places}:
            # By name, so that `posts` comes before `posts.retry`.
            together = sorted(place for place in places if place.partition == number)
            lane = Lane(
                together,
                transactor=Transactor(self._maker(together[0]), self._group, self._fault),
                reading=self._reading,
                committed=self._committed,
                recall=self._recall,
                messages=self._messages,
                books=self._books,
                limits=self._limits,
                on_fenced=on_fenced,
            )
            task = asyncio.create_task(lane.run(), name=f"lane {number}")
            task.add_done_callback(self._lane_ended)
            self._lanes[number] = _OpenLane(lane, task)

    async def settle(self) -> None:
        """Nothing: what is answered is committed at once."""

    async def revoked(self, places: Collection[TopicPartition]) -> None:
        """Close the lanes: what waits is committed if that takes no longer than it should."""
        numbers = {place.partition for place in places}
        await self._close(numbers & self._lanes.keys())

    async def _close(self, numbers: Collection[int]) -> None:
        closing = [self._lanes[number] for number in numbers]
        for each in closing:
            each.lane.close()
        tasks = [each.task for each in closing]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        for number in tuple(numbers):
            self._lanes.pop(number, None)

    async def run(self) -> None:
        """Wait for a lane to fail.

        Raises:
            BrokerLostError: one of the lanes cannot go on.
        """
        await asyncio.shield(self._failed)

    async def close(self) -> None:
        """Close every lane."""
        await self._close(tuple(self._lanes))
        self._failed.cancel()

    def _maker(self, place: TopicPartition) -> Callable[[], AIOKafkaProducer]:
        return partial(
            make_producer,
            self._kafka,
            client_id="moderation-worker",
            transactional_id=f"{self._group}-{place.topic}-{place.partition}",
            transaction_timeout_ms=self._timeout_ms,
            linger_ms=NO_LINGER_MS,
        )

    def _lane_ended(self, task: asyncio.Task[None]) -> None:
        if task.cancelled() or self._failed.done():
            return
        error = task.exception()
        if error is not None:
            self._failed.set_exception(error)


def _number(answer: Answer) -> int:
    return int(answer.record.place.partition)


@asynccontextmanager
async def committed_progress(
    kafka: KafkaSettings, group: str
) -> AsyncIterator[Callable[[TopicPartition], Awaitable[Progress | None]]]:
    """What asks the broker how far a group has committed, and what it answered beyond.

    Args:
        kafka: how to reach the broker.
        group: full id of the consumer group.

    Raises:
        StartError: the broker does not let the worker in.
    """
    admin = make_admin(kafka, client_id="moderation-worker")

    async def ask(place: TopicPartition) -> Progress | None:
        found = await admin.list_consumer_group_offsets(group, partitions=[place])
        offset, metadata = found.get(place, (-1, ""))
        return None if offset < 0 else Progress.from_metadata(offset, metadata or "")

    async with started(admin):
        yield ask

"""At least once: one idempotent producer for all answers, and offsets committed now and then.

A crash between an answer and its commit repeats the answer, under the same id, and loses none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.errors import (
    CommitFailedError,
    IllegalStateError,
    KafkaError,
    MessageSizeTooLargeError,
)

from schemas import DeadLetter, ErrorClass
from workers.moderator.answers import Answer
from workers.moderator.delivery.messages import Messages
from workers.moderator.delivery.port import TOO_LARGE, Books, broker_lost, too_large
from workers.moderator.delivery.send import Producer, send
from workers.moderator.errors import BrokerLostError
from workers.moderator.faults import FaultPoint, Step
from workers.moderator.recollection import Recall, recall_nothing
from workers.streams import get_logger

log = get_logger(__name__)


class Commits(Protocol):
    """What is needed of aiokafka's consumer."""

    async def committed(self, partition: TopicPartition) -> int | None:
        """The offset that the group has committed."""
        ...

    async def commit(self, offsets: dict[TopicPartition, int]) -> None:
        """Commit the offsets under the consumer's generation."""
        ...


class AtLeastOnce:
    """Produces answers, waits for their acknowledgement, and commits their offsets.

    Args:
        producer: shared by all answers.
        consumer: whose offsets are committed.
        messages: writes answers.
        books: told what became of each record.
        recall: reads back what was answered last.
        commit_seconds: time between commits.
        fault: reached at each step of a chunk and of a commit.
    """

    def __init__(
        self,
        producer: Producer,
        consumer: Commits,
        *,
        messages: Messages,
        books: Books,
        recall: Recall = recall_nothing,
        commit_seconds: float,
        fault: FaultPoint,
    ) -> None:
        self._producer = producer
        self._consumer = consumer
        self._messages = messages
        self._books = books
        self._recall = recall
        self._recalling: dict[TopicPartition, asyncio.Task[None]] = {}
        self._commit_seconds = commit_seconds
        self._fault = fault
        self._lock = asyncio.Lock()

    async def deliver(self, answers: Sequence[Answer]) -> None:
        """Produce the answers and wait for them all; too large ones are set aside instead.

        Raises:
            BrokerLostError: the broker did not take one of them, however often the producer tried.
        """
        current, stale = self._books.sorted_out(answers)
        self._books.dropped(stale)
        self._fault.reach(Step.BEFORE_SEND)
        # Queue all before waiting for any, so that they share requests.
        queued = [(answer, await self._queue(answer)) for answer in current]
        self._fault.reach(Step.AFTER_SEND)
        self._books.answered([await self._acknowledged(*each) for each in queued])

    def may_read(self, place: TopicPartition) -> bool:
        """Whether what was answered last is known, of every partition of the same number."""
        return all(
            task.done()
            for each, task in self._recalling.items()
            if each.partition == place.partition
        )

    def assigned(self, places: Collection[TopicPartition], on_fenced: Callable[[], object]) -> None:
        """Read back what was answered last. One producer serves all, and nobody fences it."""
        del on_fenced
        for place in places:
            self._recalling[place] = asyncio.create_task(self._recall_answered(place))

    async def revoked(self, places: Collection[TopicPartition]) -> None:
        """Read back no more; what is answered was settled before."""
        tasks = [self._recalling.pop(place) for place in places if place in self._recalling]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _recall_answered(self, place: TopicPartition) -> None:
        try:
            await self._recall(place, await self._consumer.committed(place) or 0)
        except KafkaError as error:
            log.warning(
                "what was answered last could not be read back; an older revision may be judged "
                "again",
                partition=place.partition,
                error=type(error).__name__,
            )
        except Exception:
            # Nobody awaits this task, and posts are judged all the same.
            log.exception(
                "reading back what was answered last failed; an older revision may be judged again",
                partition=place.partition,
            )

    async def run(self) -> None:
        """Commit now and then, until cancelled."""
        while True:
            await asyncio.sleep(self._commit_seconds)
            await self.settle()

    async def settle(self) -> None:
        """Commit what is answered since the last time.

        When the group has rebalanced meanwhile nothing is committed: the partitions' next owner
        reads those records again.

        Raises:
            BrokerLostError: the broker refuses commits for good.
        """
        async with self._lock:
            offsets = self._books.watermarks.committable()
            if not offsets:
                return
            self._fault.reach(Step.BEFORE_COMMIT)
            try:
                with self._books.metrics.commit_seconds.time():
                    await self._consumer.commit(offsets)
            except (CommitFailedError, IllegalStateError) as error:
                log.warning(
                    "not committed: the group has rebalanced; the records are read again",
                    partitions=len(offsets),
                    error=type(error).__name__,
                )
            except KafkaError as error:
                raise BrokerLostError(
                    f"the broker refuses commits ({type(error).__name__}: {error}); what is "
                    "answered since the last commit will be answered again. Mend the broker or "
                    "the group's permissions, then start the worker"
                ) from error
            else:
                self._fault.reach(Step.AFTER_COMMIT)
                self._books.watermarks.committed(offsets)
                self._books.metrics.commits.inc()

    async def _queue(self, answer: Answer) -> list[asyncio.Future[object]]:
        try:
            return [await send(self._producer, message) for message in self._messages.of(answer)]
        except MessageSizeTooLargeError as error:
            return [_failed(error)]
        except KafkaError as error:
            raise broker_lost(error) from error

    async def _acknowledged(
        self, answer: Answer, futures: Sequence[asyncio.Future[object]]
    ) -> Answer:
        try:
            for future in futures:
                await future
        except MessageSizeTooLargeError as error:
            return await self._set_aside(answer, error)
        except KafkaError as error:
            raise broker_lost(error) from error
        return answer

    async def _set_aside(self, answer: Answer, error: MessageSizeTooLargeError) -> Answer:
        if isinstance(answer.outcome, DeadLetter):
            (message,) = self._messages.of(answer)
            raise too_large(message.topic, len(answer.record.value)) from error
        instead = answer.set_aside(ErrorClass.INTERNAL, TOO_LARGE, self._books.clock())
        return await self._acknowledged(instead, await self._queue(instead))


def _failed(error: Exception) -> asyncio.Future[object]:
    future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
    future.set_exception(error)
    return future

"""The transactions of one partition, one after the other, while others run theirs.

A lane opens by starting its transactional producer, which fences whoever had the partition before,
and reads on from what is committed by then. It then takes chunks: the first answer that waits and
whatever joins it, until nothing more of the partition is in flight or the chunk has waited long
enough. While a transaction runs the next chunk gathers.

What goes wrong is answered by how wrong it is:

- A message too large for its topic: the chunk is halved until it stands alone, and set aside.
- Fenced: somebody else has the partition, or we were away for longer than a transaction may take.
  What is in flight is dropped, and the group is asked anew whose the partition is.
- Refused by permissions: the worker stops and says so.
- Anything else: what is in flight is dropped, and the lane opens again, from what is committed.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    IllegalOperation,
    InvalidTransactionTimeout,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)

from schemas import DeadLetter, ErrorClass
from workers.moderator.answers import Answer
from workers.moderator.delivery.chunks import AnswerQueue, ChunkLimits, Waiting
from workers.moderator.delivery.messages import Messages
from workers.moderator.delivery.port import TOO_LARGE, Books, Reading, broker_lost, too_large
from workers.moderator.delivery.transactor import Transactor
from workers.moderator.recollection import Recall
from workers.streams import MAX_REACH, Progress

log = logging.getLogger(__name__)

MAX_FAILURES: Final = 6
"""Refusals in a row, half a minute of pauses in all; then somebody should be told. A broker that is
merely away is waited for without end, as every Kafka client does."""

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 8.0
"""Between attempts to open a lane: each is a connection and three requests."""

IDLE_SECONDS: Final = 1.0
"""After so long without an answer, what needed none is committed."""

REFUSALS: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTransactionTimeout,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
"""What trying again does not mend."""


class Lane:
    """Delivers the answers of one partition in transactions.

    Args:
        place: the partition.
        transactor: with the partition's transactional id; nobody else uses it.
        reading: told where to read on.
        committed: asks the broker how far the partition is answered; None where nobody committed.
        recall: reads back what was answered last.
        messages: writes answers.
        books: told what became of them.
        limits: of a chunk.
        on_fenced: told when somebody else has the partition.
    """

    def __init__(
        self,
        place: TopicPartition,
        *,
        transactor: Transactor,
        reading: Reading,
        committed: Callable[[TopicPartition], Awaitable[Progress | None]],
        recall: Recall,
        messages: Messages,
        books: Books,
        limits: ChunkLimits,
        on_fenced: Callable[[], object],
    ) -> None:
        self._place = place
        self._transactor = transactor
        self._reading = reading
        self._ask_committed = committed
        self._recall = recall
        self._messages = messages
        self._books = books
        self._on_fenced = on_fenced
        self._queue = AnswerQueue(limits)
        self._taken: Sequence[Waiting] = ()
        self._arrived = asyncio.Event()
        self._closing = asyncio.Event()
        self._committed = 0
        self._failures = 0
        self.ready = False
        """Whether records of the partition may be taken in."""

    def put(self, answers: Sequence[Answer]) -> None:
        """Take answers to records of this partition, under its present epoch."""
        self._queue.put(Waiting(answer, self._messages.of(answer)) for answer in answers)
        self._arrived.set()

    def close(self) -> None:
        """Ask :meth:`run` to commit what waits and return."""
        self._closing.set()
        self._arrived.set()

    async def run(self) -> None:
        """Open and deliver until closed.

        Raises:
            BrokerLostError: the broker does not let us go on.
        """
        try:
            while not self._closing.is_set():
                try:
                    await self._open()
                    await self._serve()
                except ProducerFenced:
                    self._give_up()
                    return
                except REFUSALS as error:
                    raise broker_lost(error) from error
                except (KafkaError, IllegalOperation) as error:
                    await self._begin_again(error)
        finally:
            self._forget()
            await self._transactor.abort()
            await self._transactor.stop()

    async def _open(self) -> None:
        await self._transactor.start()
        committed = await self._ask_committed(self._place)
        if committed is not None:
            await self._recall(self._place, committed.end)
        if self._place not in self._reading.assignment():
            return  # the group hands out partitions: this lane will be closed
        if committed is None:
            await self._reading.seek_to_beginning(self._place)
        else:
            self._committed = committed.position
            self._reading.seek(self._place, committed.position)
            self._books.watermarks[self._place].recall(committed.beyond)
        self.ready = True

    async def _serve(self) -> None:
        while not self._closing.is_set() or self._queue:
            self._taken = await self._next_chunk()
            if self._taken:
                await self._commit(self._taken)
            elif not self._queue:
                await self._commit_skipped()
        await self._commit_skipped()

    async def _next_chunk(self) -> Sequence[Waiting]:
        """What is committed next; empty when closing, or when nothing came for a while."""
        try:
            await asyncio.wait_for(self._arrived.wait(), IDLE_SECONDS)
        except TimeoutError:
            return []
        self._arrived.clear()
        while (left := self._linger_left()) > 0:
            try:
                await asyncio.wait_for(self._arrived.wait(), left)
            except TimeoutError:
                break
            self._arrived.clear()
        watermark = self._books.watermarks[self._place]
        chunk = self._queue.take(watermark.position + MAX_REACH)
        if self._queue and chunk:
            self._arrived.set()
        return chunk

    def _linger_left(self) -> float:
        if self._closing.is_set():
            return 0.0
        return self._queue.linger_left(self._books.watermarks[self._place].in_flight)

    async def _commit(self, chunk: Sequence[Waiting]) -> None:
        begin = time.monotonic()
        answers = [waiting.answer for waiting in chunk]
        messages = [message for waiting in chunk for message in waiting.messages]
        watermark = self._books.watermarks[self._place]
        progress = watermark.after([answer.record.offset for answer in answers])
        metrics = self._books.metrics
        try:
            await self._transactor.commit(messages, self._place, progress)
        except MessageSizeTooLargeError as error:
            metrics.transactions.labels("aborted").inc()
            await self._transactor.stop()
            await self._transactor.start()
            await self._commit_smaller(chunk, error)
            return
        metrics.transaction_seconds.observe(time.monotonic() - begin)
        metrics.transaction_posts.observe(len(chunk))
        self._note(progress)
        self._taken = self._taken[len(chunk) :]
        self._books.answered(answers)

    def _note(self, committed: Progress) -> None:
        self._books.metrics.transactions.labels("committed").inc()
        self._books.metrics.commits.inc()
        self._committed = committed.position
        self._failures = 0

    async def _commit_smaller(
        self, chunk: Sequence[Waiting], error: MessageSizeTooLargeError
    ) -> None:
        if len(chunk) > 1:
            middle = len(chunk) // 2
            await self._commit(chunk[:middle])
            await self._commit(chunk[middle:])
            return
        answer = chunk[0].answer
        if isinstance(answer.outcome, DeadLetter):
            raise too_large(chunk[0].messages[0].topic, len(answer.record.value)) from error
        instead = answer.set_aside(ErrorClass.INTERNAL, TOO_LARGE, self._books.clock())
        await self._commit([Waiting(instead, self._messages.of(instead))])

    async def _commit_skipped(self) -> None:
        """Records that need no answer, such as nulls, where no answer comes after them."""
        watermarks = self._books.watermarks
        if self._place in watermarks and watermarks[self._place].position > self._committed:
            progress = watermarks[self._place].after(())
            await self._transactor.commit((), self._place, progress)
            self._note(progress)

    def _give_up(self) -> None:
        self._books.metrics.transactions.labels("fenced").inc()
        log.warning(
            "fenced: another worker has the partition, or this one was away; what was in flight is "
            "dropped, and the group decides whose it is",
            extra={"topic": self._place.topic, "partition": self._place.partition},
        )
        self._forget()
        if not self._closing.is_set():
            self._on_fenced()

    async def _begin_again(self, error: Exception) -> None:
        self._books.metrics.transactions.labels("aborted").inc()
        self._forget()
        await self._transactor.stop()
        if not getattr(error, "retriable", False):
            self._failures += 1
        if self._failures >= MAX_FAILURES:
            raise broker_lost(error) from error
        pause = min(FIRST_PAUSE_SECONDS * 2**self._failures, LONGEST_PAUSE_SECONDS)
        log.warning(
            "a transaction failed; the partition is read again from what is committed",
            extra={
                "topic": self._place.topic,
                "partition": self._place.partition,
                "exception": type(error).__name__,
                "pause_seconds": pause,
            },
        )
        try:
            await asyncio.wait_for(self._closing.wait(), pause)
        except TimeoutError:
            return

    def _forget(self) -> None:
        """Drop what is in flight: what comes under the old epoch from now on is stale."""
        self.ready = False
        watermarks = self._books.watermarks
        if self._place in watermarks:
            if self._place in self._reading.assignment():
                self._reading.pause(self._place)
            watermarks.assign({self._place: 0})
        dropped = (*self._taken, *self._queue.clear())
        self._books.dropped([waiting.answer for waiting in dropped])
        self._taken = ()

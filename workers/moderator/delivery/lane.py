"""The transactions of one partition number, one after the other, while others run theirs.

A lane serves the partitions of ``posts`` and ``posts.retry`` that have the same number: they hold
revisions of the same posts, whose verdicts must come in order.

A lane opens by starting its transactional producer, which fences whoever had the partition before,
and reads on from what is committed by then. It then takes chunks: the first answer that waits and
whatever joins it, until nothing more of the lane is in flight or the chunk has waited long
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
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final

from aiokafka import TopicPartition
from aiokafka.errors import (
    IllegalOperation,
    KafkaError,
    MessageSizeTooLargeError,
    ProducerFenced,
)

from schemas import DeadLetter, ErrorClass
from workers.moderator.answers import Answer
from workers.moderator.delivery.chunks import AnswerQueue, ChunkLimits, Waiting
from workers.moderator.delivery.messages import Messages
from workers.moderator.delivery.port import TOO_LARGE, Books, Reading, broker_lost, too_large
from workers.moderator.delivery.transactor import REFUSALS, Transactor
from workers.moderator.recollection import Recall
from workers.streams import MAX_REACH, Progress, get_logger

log = get_logger(__name__)

MAX_FAILURES: Final = 6
"""Refusals in a row, half a minute of pauses in all; then somebody should be told. A broker that is
merely away is waited for without end, as every Kafka client does."""

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 8.0
"""Between attempts to open a lane: each is a connection and three requests."""

IDLE_SECONDS: Final = 1.0
"""After so long without an answer, what needed none is committed."""


class Lane:
    """Delivers the answers of partitions of one number in transactions.

    Args:
        places: the partitions, that of ``posts`` first.
        transactor: with the lane's transactional id; nobody else uses it.
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
        places: Sequence[TopicPartition],
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
        self._places = tuple(places)
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
        self._committed = dict.fromkeys(self._places, 0)
        self._failures = 0
        self.ready = False
        """Whether records of the partitions may be taken in."""

    def put(self, answers: Sequence[Answer]) -> None:
        """Take answers to records of these partitions, under their present epochs."""
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
        committed = {place: await self._ask_committed(place) for place in self._places}
        for place, progress in committed.items():
            if progress is not None:
                await self._recall(place, progress.end)
        if not self._reading.assignment().issuperset(self._places):
            return  # the group hands out partitions: this lane will be closed
        for place, progress in committed.items():
            await self._read_on(place, progress)
        self.ready = True

    async def _read_on(self, place: TopicPartition, committed: Progress | None) -> None:
        if committed is None:
            await self._reading.seek_to_beginning(place)
        else:
            self._committed[place] = committed.position
            self._reading.seek(place, committed.position)
            self._books.watermarks[place].recall(committed.beyond)

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
        watermarks = self._books.watermarks
        chunk = self._queue.take(
            {place: watermarks[place].position + MAX_REACH for place in self._places}
        )
        if self._queue and chunk:
            self._arrived.set()
        return chunk

    def _linger_left(self) -> float:
        if self._closing.is_set():
            return 0.0
        watermarks = self._books.watermarks
        return self._queue.linger_left(sum(watermarks[place].in_flight for place in self._places))

    async def _commit(self, chunk: Sequence[Waiting]) -> None:
        begin = time.monotonic()
        answers = [waiting.answer for waiting in chunk]
        messages = [message for waiting in chunk for message in waiting.messages]
        progress = self._progress_with(answers)
        metrics = self._books.metrics
        try:
            await self._transactor.commit(messages, progress)
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

    def _progress_with(self, answers: Sequence[Answer]) -> dict[TopicPartition, Progress]:
        """How far each partition that they concern is answered with these answers."""
        offsets: dict[TopicPartition, list[int]] = {}
        for answer in answers:
            offsets.setdefault(answer.record.place, []).append(answer.record.offset)
        watermarks = self._books.watermarks
        return {place: watermarks[place].after(those) for place, those in offsets.items()}

    def _note(self, committed: Mapping[TopicPartition, Progress]) -> None:
        self._books.metrics.transactions.labels("committed").inc()
        self._books.metrics.commits.inc()
        for place, progress in committed.items():
            self._committed[place] = progress.position
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
        skipped = {
            place: watermarks[place].after(())
            for place in self._places
            if place in watermarks and watermarks[place].position > self._committed[place]
        }
        if skipped:
            await self._transactor.commit((), skipped)
            self._note(skipped)

    def _give_up(self) -> None:
        self._books.metrics.transactions.labels("fenced").inc()
        log.warning(
            "fenced: another worker has the partition, or this one was away; what was in flight is "
            "dropped, and the group decides whose it is",
            partition=self._places[0].partition,
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
            partition=self._places[0].partition,
            error=type(error).__name__,
            pause_seconds=pause,
        )
        try:
            await asyncio.wait_for(self._closing.wait(), pause)
        except TimeoutError:
            return

    def _forget(self) -> None:
        """Drop what is in flight: what comes under the old epoch from now on is stale."""
        self.ready = False
        watermarks = self._books.watermarks
        for place in self._places:
            if place in watermarks:
                if place in self._reading.assignment():
                    self._reading.pause(place)
                watermarks.assign({place: 0})
        dropped = (*self._taken, *self._queue.clear())
        self._books.dropped([waiting.answer for waiting in dropped])
        self._taken = ()

"""Which answers go into one transaction, and how long they wait for each other."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from workers.moderator.answers import Answer
from workers.moderator.delivery.messages import Message


@dataclass(frozen=True, slots=True)
class ChunkLimits:
    """When a chunk is full, and how long it may wait for company."""

    posts: int
    bytes: int
    linger_seconds: float


class Waiting:
    """An answer, and the records that say it."""

    __slots__ = ("answer", "messages", "since", "size")

    def __init__(self, answer: Answer, messages: tuple[Message, ...]) -> None:
        self.answer = answer
        self.messages = messages
        self.size = sum(len(message.value) for message in messages)
        self.since = time.monotonic()


class AnswerQueue:
    """The answers of a lane that no transaction holds yet."""

    def __init__(self, limits: ChunkLimits) -> None:
        self._limits = limits
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, answers: Iterable[Waiting]) -> None:
        """Add answers, the oldest first."""
        for waiting in answers:
            self._waiting.append(waiting)
            self._bytes += waiting.size

    def linger_left(self, in_flight: int) -> float:
        """Seconds that the oldest answer may wait for company.

        0 when the chunk is full, and when all of the ``in_flight`` records of the lane have
        their answers here, so that no company is to be expected.
        """
        if not self._waiting or self._bytes >= self._limits.bytes:
            return 0.0
        if len(self._waiting) >= min(self._limits.posts, in_flight):
            return 0.0
        return self._waiting[0].since + self._limits.linger_seconds - time.monotonic()

    def take(self, last_offsets: Mapping[TopicPartition, int]) -> Sequence[Waiting]:
        """As many answers as one transaction may hold, of records up to these offsets."""
        chunk: list[Waiting] = []
        left: deque[Waiting] = deque()
        size = 0
        for waiting in self._waiting:
            room = not chunk or (
                len(chunk) < self._limits.posts and size + waiting.size <= self._limits.bytes
            )
            record = waiting.answer.record
            if room and record.offset <= last_offsets[record.place]:
                chunk.append(waiting)
                size += waiting.size
            else:
                left.append(waiting)
        self._waiting = left
        self._bytes -= size
        return chunk

    def clear(self) -> Sequence[Waiting]:
        """Take out everything."""
        everything = tuple(self._waiting)
        self._waiting.clear()
        self._bytes = 0
        return everything

"""How answers reach the broker, and offsets with them: the port, and what its adapters share."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from aiokafka import TopicPartition

from workers.moderator.answer_lines import tell
from workers.moderator.answers import Answer
from workers.moderator.errors import BrokerLostError
from workers.moderator.in_flight import InFlight
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.records import Record
from workers.moderator.rules_stage import Clock
from workers.streams import Watermarks


class Delivery(Protocol):
    """Takes answers, produces them, and commits the offsets of their records."""

    async def deliver(self, answers: Sequence[Answer]) -> None:
        """Take answers. Those to records that are no longer ours are dropped.

        Raises:
            BrokerLostError: the broker takes no answers any more.
        """
        ...

    def may_read(self, place: TopicPartition) -> bool:
        """Whether records of the partition may be taken in."""
        ...

    def assigned(self, places: Collection[TopicPartition], on_fenced: Callable[[], object]) -> None:
        """These partitions are ours from now on. Returns at once.

        ``on_fenced`` is called when it turns out that somebody else has one of them.
        """
        ...

    async def settle(self) -> None:
        """Commit what is answered so far.

        Raises:
            BrokerLostError: the broker refuses commits for good.
        """
        ...

    async def revoked(self, places: Collection[TopicPartition]) -> None:
        """These partitions go to others: finish with them, in a bounded time."""
        ...

    async def run(self) -> None:
        """Work beside intake and pipeline until cancelled.

        Raises:
            BrokerLostError: the broker does not let us go on.
        """
        ...


class Reading(Protocol):
    """Where a partition is read from: aiokafka's consumer, as far as a lane needs it."""

    def assignment(self) -> set[TopicPartition]:
        """The partitions that are ours; none while the group hands them out."""
        ...

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Read on from this offset."""
        ...

    async def seek_to_beginning(self, *partitions: TopicPartition) -> object:
        """Read from the first record that there is."""
        ...

    def pause(self, *partitions: TopicPartition) -> None:
        """Hand out no record."""
        ...


class Books:
    """Notes what became of each record: answered, or dropped because it is no longer ours.

    Args:
        watermarks: told of each answer that the broker has.
        in_flight: told when a record is no longer in flight.
        metrics: counts answers.
        clock: for the age of records.
    """

    def __init__(
        self, watermarks: Watermarks, in_flight: InFlight, metrics: WorkerMetrics, clock: Clock
    ) -> None:
        self.watermarks = watermarks
        self.metrics = metrics
        self.clock = clock
        self._in_flight = in_flight

    def is_current(self, record: Record) -> bool:
        """Whether the record's partition is still ours; if not, its new owner answers."""
        return (
            record.place in self.watermarks and self.watermarks[record.place].epoch == record.epoch
        )

    def sorted_out(self, answers: Sequence[Answer]) -> tuple[list[Answer], list[Answer]]:
        """The answers to records that are ours, and the stale ones."""
        current: list[Answer] = []
        stale: list[Answer] = []
        for answer in answers:
            (current if self.is_current(answer.record) else stale).append(answer)
        return current, stale

    def answered(self, answers: Sequence[Answer]) -> None:
        """The broker has these answers."""
        for answer in answers:
            record = answer.record
            self.watermarks.finish(record.place, record.offset, record.epoch)
        self.metrics.answered(answers, self.clock())
        tell(answers, self.metrics.exemplar_of)
        self.dropped(answers)

    def dropped(self, answers: Sequence[Answer]) -> None:
        """These records are in flight no longer."""
        if answers:
            size = sum(len(answer.record.value) for answer in answers)
            self._in_flight.release(len(answers), size)


def broker_lost(error: BaseException) -> BrokerLostError:
    """What stops the worker when the broker takes no answers."""
    return BrokerLostError(
        f"the broker took no answer ({type(error).__name__}: {error}); what is unanswered stays "
        "uncommitted and is read again. Mend the broker, then start the worker"
    )


def too_large(dead_letters: str, size: int) -> BrokerLostError:
    """What stops the worker when a record can be neither answered nor set aside."""
    return BrokerLostError(
        f"topic {dead_letters} takes no dead letter of {size} bytes: raise its max.message.bytes "
        "as `moderation topics create` sets it"
    )


TOO_LARGE = "the answer is larger than its topic takes: raise the topic's max.message.bytes"
"""Why a record is set aside whose answer cannot be produced."""

"""How far a partition may be committed: never past a record that has no answer yet.

Records are answered in any order, while Kafka keeps one number a partition: "everything before
this is done". So the number to commit is the contiguous prefix: the first offset that was taken in
and not answered. A crash between answer and commit repeats records; none is ever skipped.

Offsets that never reach the consumer (compacted away, or a transaction's markers) are holes. A
hole needs no answer, so it counts as done as soon as a later record is taken in.

Where answers and offsets are committed together, the commit also says which records beyond the
position are answered (:class:`Progress`): whoever reads on recalls them and answers none twice.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from aiokafka import TopicPartition

from workers.streams.errors import (
    OffsetNeverTakenError,
    OffsetWentBackwardsError,
    WatermarkFullError,
)
from workers.streams.progress import Progress

DEFAULT_MAX_SPAN_RECORDS: Final = 100_000
"""Records kept behind one unanswered record: a few MB of memory a partition. Bounded intake keeps
a worker far below; reaching it means that a record is stuck."""


class Watermark:
    """The commit position of one partition during one assignment.

    Not thread-safe: it belongs to the event loop.

    Args:
        position: the next offset that the consumer will read; also the committed one.
        epoch: number of the assignment; an answer from another epoch is stale and ignored.
        max_span_records: how many records may be held from the first unanswered one on.
    """

    __slots__ = (
        "_begun",
        "_last",
        "_position",
        "_recalled",
        "_unanswered",
        "epoch",
        "max_span_records",
    )

    def __init__(
        self, position: int, *, epoch: int = 0, max_span_records: int = DEFAULT_MAX_SPAN_RECORDS
    ) -> None:
        self.epoch = epoch
        self.max_span_records = max_span_records
        self._position = position
        self._last = position - 1
        self._begun: deque[int] = deque()
        self._unanswered: set[int] = set()
        self._recalled: set[int] = set()

    @property
    def position(self) -> int:
        """The offset to commit: every record before it is answered, or never existed."""
        return self._position

    @property
    def in_flight(self) -> int:
        """Records taken in and not answered."""
        return len(self._unanswered)

    @property
    def span(self) -> int:
        """Records from the first unanswered one to the last one taken in."""
        return len(self._begun)

    @property
    def is_full(self) -> bool:
        """Whether intake of this partition has to wait."""
        return len(self._begun) >= self.max_span_records

    def recall(self, offsets: Iterable[int]) -> None:
        """Note records that were answered under an earlier assignment and will be read again."""
        self._recalled.update(offsets)

    def awaits(self, offset: int) -> bool:
        """Whether the record was taken in and has no answer."""
        return offset in self._unanswered

    def begin(self, offset: int) -> None:
        """Take a record in, before any work on it; one that is recalled is answered already.

        Raises:
            OffsetWentBackwardsError: the offset is not above all earlier ones.
            WatermarkFullError: :attr:`is_full`.
        """
        if offset <= self._last:
            raise OffsetWentBackwardsError(
                f"offset {offset} after {self._last} within one assignment; after a seek the "
                "partition needs a new watermark"
            )
        if self.is_full:
            raise WatermarkFullError(
                f"{self.span} records wait behind offset {self._position}, which has no answer; "
                "pause the partition until it has"
            )
        if not self._begun:
            self._position = offset
        self._begun.append(offset)
        self._last = offset
        if offset in self._recalled:
            self._recalled.remove(offset)
            self._advance()
        else:
            self._unanswered.add(offset)

    def finish(self, offset: int) -> bool:
        """Note that a record is answered; returns whether :attr:`position` moved.

        A second answer for the same record changes nothing.

        Raises:
            OffsetNeverTakenError: no record with this offset was taken in.
        """
        if offset > self._last:
            raise OffsetNeverTakenError(
                f"answer for offset {offset}, but the last one taken in is {self._last}; call "
                "begin() first"
            )
        if offset not in self._unanswered:
            return False
        self._unanswered.remove(offset)
        if offset != self._begun[0]:
            return False
        self._advance()
        return True

    def after(self, offsets: Collection[int]) -> Progress:
        """How far the partition would be answered if these records were answered too."""
        waiting = self._unanswered.difference(offsets)
        # What is recalled and not yet read again is answered all the same.
        known = [*self._begun, *sorted(self._recalled)]
        position = min(waiting, default=self._last + 1)
        return Progress(position, tuple(o for o in known if o > position and o not in waiting))

    def _advance(self) -> None:
        while self._begun and self._begun[0] not in self._unanswered:
            self._begun.popleft()
        self._position = self._begun[0] if self._begun else self._last + 1


class Watermarks:
    """The watermarks of every partition that a consumer holds.

    Each assignment has an epoch. Work carries the epoch that :meth:`begin` returned, so that an
    answer which arrives after the partition moved away, or came back, is dropped instead of being
    counted for records that are read again.
    """

    def __init__(self, *, max_span_records: int = DEFAULT_MAX_SPAN_RECORDS) -> None:
        self._max_span_records = max_span_records
        self._epoch = 0
        self._partitions: dict[TopicPartition, Watermark] = {}
        self._committed: dict[TopicPartition, int] = {}

    def assign(self, positions: Mapping[TopicPartition, int]) -> int:
        """Start a new epoch for these partitions, at the next offset of each; returns the epoch."""
        self._epoch += 1
        for partition, position in positions.items():
            self._partitions[partition] = Watermark(
                position, epoch=self._epoch, max_span_records=self._max_span_records
            )
            self._committed[partition] = position
        return self._epoch

    def revoke(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget these partitions; answers still on their way become stale."""
        for partition in partitions:
            self._partitions.pop(partition, None)
            self._committed.pop(partition, None)

    def __getitem__(self, partition: TopicPartition) -> Watermark:
        return self._partitions[partition]

    def __contains__(self, partition: object) -> bool:
        return partition in self._partitions

    def __len__(self) -> int:
        return len(self._partitions)

    @property
    def in_flight(self) -> int:
        """Records taken in and not answered, over all partitions."""
        return sum(watermark.in_flight for watermark in self._partitions.values())

    def begin(self, partition: TopicPartition, offset: int) -> int:
        """Take a record in; returns the epoch to hand to :meth:`finish`.

        Raises:
            KeyError: the partition is not assigned.
            WatermarkError: as :meth:`Watermark.begin`.
        """
        watermark = self._partitions[partition]
        watermark.begin(offset)
        return watermark.epoch

    def awaits(self, partition: TopicPartition, offset: int) -> bool:
        """Whether the record was taken in and has no answer.

        Raises:
            KeyError: the partition is not assigned.
        """
        return self._partitions[partition].awaits(offset)

    def finish(self, partition: TopicPartition, offset: int, epoch: int) -> bool:
        """Note an answer; returns False when it is stale, because the assignment is over.

        Raises:
            OffsetNeverTakenError: as :meth:`Watermark.finish`.
        """
        watermark = self._partitions.get(partition)
        if watermark is None or watermark.epoch != epoch:
            return False
        watermark.finish(offset)
        return True

    def committable(
        self, partitions: Iterable[TopicPartition] | None = None
    ) -> dict[TopicPartition, int]:
        """The offsets to commit: positions that moved since the last :meth:`committed`."""
        wanted = self._partitions if partitions is None else partitions
        return {
            partition: self._partitions[partition].position
            for partition in wanted
            if partition in self._partitions
            and self._partitions[partition].position > self._committed[partition]
        }

    def committed(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note what the broker has acknowledged; partitions revoked meanwhile are left out."""
        for partition, offset in offsets.items():
            if partition in self._partitions:
                self._committed[partition] = offset

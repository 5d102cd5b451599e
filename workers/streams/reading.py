"""Read what a topic holds now, without a group: nothing is committed, nobody is disturbed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import Topic
from workers.settings import KafkaSettings
from workers.streams.clients import make_consumer
from workers.streams.errors import TopicError
from workers.streams.topics import describe_topics

POLL_MS: Final = 500
STALLED_SECONDS: Final = 60.0
"""Without a record; a broker that is well hands them out within milliseconds."""

Bounds = dict[TopicPartition, tuple[int, int]]
"""The first offset to read, and the first not to, by partition."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a topic: by the records' timestamps, and at most the ``last`` of each partition."""

    since: datetime | None = None
    until: datetime | None = None
    """Records of this moment are no longer in it."""
    last: int | None = None

    def holds(self, timestamp: int) -> bool:
        """Whether a record of this time, in milliseconds, is in it."""
        return (self.since is None or timestamp >= _milliseconds(self.since)) and (
            self.until is None or timestamp < _milliseconds(self.until)
        )


WHOLE: Final = Stretch()


async def read_topic(
    kafka: KafkaSettings, topic: Topic, stretch: Stretch = WHOLE, *, client_id: str = "moderation"
) -> AsyncIterator[Any]:
    """The records that a topic held at the call, each partition in its order.

    What comes meanwhile is not waited for.

    Raises:
        TopicError: there is no such topic, or the broker does not hand out what it holds.
    """
    (described,) = await describe_topics(kafka, [topic])
    if not described.partitions:
        raise TopicError(
            f"there is no topic {described.name}; `moderation topics create` makes it, and "
            "MODERATION_KAFKA_TOPIC_PREFIX says what its name begins with"
        )
    partitions = [TopicPartition(described.name, number) for number in range(described.partitions)]
    consumer = make_consumer(kafka, client_id=client_id)
    await consumer.start()
    try:
        bounds = await _bounds(consumer, partitions, stretch)
        async for _, record in _read(consumer, bounds):
            if stretch.holds(record.timestamp):
                yield record
    finally:
        await consumer.stop()


async def _bounds(
    consumer: AIOKafkaConsumer, partitions: list[TopicPartition], stretch: Stretch
) -> Bounds:
    begins: dict[TopicPartition, int] = await consumer.beginning_offsets(partitions)
    ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
    if stretch.until is not None:
        until = await _first_at(consumer, partitions, stretch.until)
        ends = {p: min(end, until.get(p, end)) for p, end in ends.items()}
    starts = dict(begins)
    if stretch.since is not None:
        since = await _first_at(consumer, partitions, stretch.since)
        silent = set(partitions) - since.keys()
        later = await _ending_in(consumer, silent, begins, ends, Stretch(since=stretch.since))
        starts = {p: since.get(p, begins[p] if p in later else ends[p]) for p in partitions}
    if stretch.last is not None:
        starts = {p: max(start, ends[p] - stretch.last) for p, start in starts.items()}
    return {p: (starts[p], ends[p]) for p in partitions}


async def _first_at(
    consumer: AIOKafkaConsumer, partitions: Iterable[TopicPartition], moment: datetime
) -> dict[TopicPartition, int]:
    """The first offset whose record is of the moment or later, where the broker knows one."""
    at = max(0, _milliseconds(moment))
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, at))
    return {partition: one.offset for partition, one in found.items() if one is not None}


async def _ending_in(
    consumer: AIOKafkaConsumer,
    partitions: Iterable[TopicPartition],
    begins: Mapping[TopicPartition, int],
    ends: Mapping[TopicPartition, int],
    stretch: Stretch,
) -> set[TopicPartition]:
    """Of partitions that the broker says are earlier, those whose last record is in the stretch.

    The embedded broker cannot look up by time and says so of every partition; what it holds must
    then be read whole.
    """
    last = {p: (max(begins[p], ends[p] - 1), ends[p]) for p in partitions}
    return {p async for p, record in _read(consumer, last) if stretch.holds(record.timestamp)}


async def _read(
    consumer: AIOKafkaConsumer, bounds: Bounds
) -> AsyncIterator[tuple[TopicPartition, Any]]:
    waiting = {partition for partition, (start, end) in bounds.items() if start < end}
    consumer.assign(waiting)  # and no others, which the client would fetch too
    for partition in waiting:
        consumer.seek(partition, bounds[partition][0])
    deadline = time.monotonic() + STALLED_SECONDS
    while waiting:
        polled: dict[TopicPartition, list[Any]] = await consumer.getmany(
            *waiting, timeout_ms=POLL_MS
        )
        for partition, records in polled.items():
            for record in records:
                if record.offset < bounds[partition][1]:
                    yield partition, record
        behind = {p for p in waiting if await consumer.position(p) < bounds[p][1]}
        if polled or behind != waiting:
            deadline = time.monotonic() + STALLED_SECONDS
        elif time.monotonic() > deadline:
            raise TopicError(
                f"{min(waiting).topic} gave nothing for {STALLED_SECONDS:g} s before its end; is "
                "the broker well?"
            )
        waiting = behind


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

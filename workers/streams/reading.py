"""Read what a topic holds now, without a group: nothing is committed, nobody is disturbed."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a topic: by the records' timestamps, and at most the ``last`` of each partition."""

    since: datetime | None = None
    until: datetime | None = None
    """Records of this moment are no longer in it."""
    last: int | None = None


WHOLE: Final = Stretch()


async def read_topic(
    kafka: KafkaSettings, topic: Topic, stretch: Stretch = WHOLE, *, client_id: str = "moderation"
) -> AsyncIterator[Any]:
    """The records that a topic held at the call, each partition in its order.

    What comes meanwhile is not waited for.

    Raises:
        TopicError: there is no such topic, the broker does not hand out what it holds, or it
            cannot look records up by time.
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
        consumer.assign(partitions)
        parts = await _parts(consumer, partitions, stretch)
        for partition, part in parts.items():
            consumer.seek(partition, part.start)
        async for partition, record in _read(consumer, parts):
            if _is_inside(record.timestamp, stretch):
                if parts[partition].said_to_be_earlier:
                    raise TopicError(
                        f"the broker cannot look up by time what {described.name} holds; ask for "
                        "the last records instead"
                    )
                yield record
    finally:
        await consumer.stop()


@dataclass(frozen=True, slots=True)
class _Part:
    """What to read of a partition: from ``start`` until before ``end``."""

    start: int
    end: int
    said_to_be_earlier: bool = False
    """Whether the broker says that all of it comes before the time that was asked for."""


async def _parts(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], stretch: Stretch
) -> dict[TopicPartition, _Part]:
    begins: dict[TopicPartition, int] = await consumer.beginning_offsets(partitions)
    ends: dict[TopicPartition, int] = await consumer.end_offsets(partitions)
    since = await _first_at(consumer, partitions, stretch.since)
    until = await _first_at(consumer, partitions, stretch.until)
    parts = {}
    for partition in partitions:
        begin, end = begins[partition], min(ends[partition], until.get(partition, ends[partition]))
        earlier = stretch.since is not None and partition not in since
        # One look at the last record tells whether the rest is earlier indeed: the embedded broker
        # answers every question about times like that.
        start = max(begin, end - 1) if earlier else since.get(partition, begin)
        if stretch.last is not None:
            start = max(start, end - stretch.last)
        parts[partition] = _Part(start, end, earlier)
    return parts


async def _first_at(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], moment: datetime | None
) -> dict[TopicPartition, int]:
    """The first offset whose record is of the moment or later, where there is one."""
    if moment is None:
        return {}
    at = max(0, _milliseconds(moment))
    found = await consumer.offsets_for_times(dict.fromkeys(partitions, at))
    return {partition: one.offset for partition, one in found.items() if one is not None}


async def _read(
    consumer: AIOKafkaConsumer, parts: Mapping[TopicPartition, _Part]
) -> AsyncIterator[tuple[TopicPartition, Any]]:
    waiting = {partition for partition, part in parts.items() if part.start < part.end}
    deadline = time.monotonic() + STALLED_SECONDS
    while waiting:
        polled: dict[TopicPartition, list[Any]] = await consumer.getmany(
            *waiting, timeout_ms=POLL_MS
        )
        for partition, records in polled.items():
            for record in records:
                if record.offset < parts[partition].end:
                    yield partition, record
        behind = {p for p in waiting if await consumer.position(p) < parts[p].end}
        if polled or behind != waiting:
            deadline = time.monotonic() + STALLED_SECONDS
        elif time.monotonic() > deadline:
            raise TopicError(
                f"{min(waiting).topic} gave nothing for {STALLED_SECONDS:g} s before its end; is "
                "the broker well?"
            )
        waiting = behind


def _is_inside(timestamp: int, stretch: Stretch) -> bool:
    """Whether a record is of the stretch's time, in milliseconds; a lookup by time is coarser."""
    return (stretch.since is None or timestamp >= _milliseconds(stretch.since)) and (
        stretch.until is None or timestamp < _milliseconds(stretch.until)
    )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)

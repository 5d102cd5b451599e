"""After a relay that died: which of its records the broker has.

A relay is killed after the broker took a record and before the outbox knows. The record is looked
for on its topic, from the time when it was due on, so that it is not sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import Topic
from workers.review.store import OutboxRow
from workers.settings import KafkaSettings
from workers.streams import describe_topics, make_consumer

CLOCKS_APART: Final = timedelta(minutes=10)
"""Between the console's clock and the producers' whose timestamps the broker keeps, at most."""
POLL_MS: Final = 500


async def already_sent(
    kafka: KafkaSettings,
    topics: Sequence[Topic],
    rows: Sequence[OutboxRow],
    since: datetime,
) -> list[OutboxRow]:
    """Those of the rows that their topics hold since about ``since``.

    Args:
        kafka: how to reach the broker.
        topics: those that rows can be for.
        rows: what may have been sent.
        since: before this none of them was sent.

    Raises:
        KafkaError: the broker cannot be reached.
    """
    wanted = [topic for topic in topics if topic.name in {row.topic for row in rows}]
    described = await describe_topics(kafka, wanted)
    consumer = make_consumer(kafka, client_id="review-relay-check")
    await consumer.start()
    try:
        found = {
            topic.name: await _values(
                consumer,
                [TopicPartition(there.name, number) for number in range(there.partitions)],
                since - CLOCKS_APART,
            )
            for topic, there in zip(wanted, described, strict=True)
        }
    finally:
        await consumer.stop()
    return [row for row in rows if row.value in found[row.topic]]


async def _values(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition], since: datetime
) -> set[bytes]:
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    start_ms = int(since.timestamp() * 1000)
    starts = await consumer.offsets_for_times(dict.fromkeys(partitions, start_ms))
    waiting = set()
    for partition in partitions:
        start = starts[partition]
        if start is not None and start.offset < ends[partition]:
            consumer.seek(partition, start.offset)
            waiting.add(partition)
    values: set[bytes] = set()
    while waiting:
        polled = await consumer.getmany(*waiting, timeout_ms=POLL_MS)
        values.update(record.value for batch in polled.values() for record in batch)
        for partition in list(waiting):
            if await consumer.position(partition) >= ends[partition]:
                waiting.remove(partition)
    return values

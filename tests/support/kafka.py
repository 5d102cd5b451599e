"""Produce to a topic, and read a topic to its end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import uuid4

from aiokafka import AIOKafkaProducer, ConsumerRecord, TopicPartition

from schemas import Message, Post, Topic
from workers.settings import KafkaSettings
from workers.streams import describe_topics, make_admin, make_consumer, make_producer

M = TypeVar("M", bound=Message)

POLL_MS = 1_000


def unique_settings(bootstrap_servers: str) -> KafkaSettings:
    """Settings whose prefix no other test has, so that tests share a broker and nothing else."""
    return KafkaSettings(
        bootstrap_servers=bootstrap_servers, topic_prefix=f"test-{uuid4().hex[:12]}."
    )


@asynccontextmanager
async def started_producer(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    """A producer that waits for every acknowledgement."""
    producer = make_producer(kafka, client_id="test")
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def produce(
    kafka: KafkaSettings, topic: Topic, records: Iterable[tuple[bytes | None, bytes | None]]
) -> None:
    """Send (key, value) pairs and wait until the broker has acknowledged every one."""
    async with started_producer(kafka) as producer:
        acknowledgements = [
            await producer.send(kafka.topic(topic), key=key, value=value) for key, value in records
        ]
        for acknowledgement in acknowledgements:
            await acknowledgement


async def produce_messages(
    kafka: KafkaSettings, topic: Topic, messages: Iterable[tuple[str, Message]]
) -> None:
    """Send (key, message) pairs, as a process of ours would."""
    await produce(kafka, topic, ((key.encode(), message.to_bytes()) for key, message in messages))


async def produce_posts(kafka: KafkaSettings, topic: Topic, posts: Iterable[Post]) -> None:
    """Send posts under their author's id, as a platform would."""
    await produce_messages(kafka, topic, ((post.author_id, post) for post in posts))


async def read_records(
    kafka: KafkaSettings, topic: Topic, *, isolation_level: str = "read_committed"
) -> list[ConsumerRecord]:
    """Every committed record that the topic holds now, each partition in its order.

    Records after the ends at the time of the call are not waited for.
    """
    (described,) = await describe_topics(kafka, [topic])
    partitions = [TopicPartition(described.name, number) for number in range(described.partitions)]
    consumer = make_consumer(kafka, client_id="test", isolation_level=isolation_level)
    await consumer.start()
    try:
        # Assigned by hand: a group would cost a rebalance, and leave offsets behind.
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        records: list[ConsumerRecord] = []
        waiting = {partition for partition in partitions if ends[partition]}
        while waiting:
            for partition, batch in (await consumer.getmany(*waiting, timeout_ms=POLL_MS)).items():
                records.extend(record for record in batch if record.offset < ends[partition])
            for partition in tuple(waiting):
                if await consumer.position(partition) >= ends[partition]:
                    waiting.discard(partition)
        return records
    finally:
        await consumer.stop()


async def read_messages(kafka: KafkaSettings, topic: Topic, message: type[M]) -> list[M]:
    """:func:`read_records` as messages; a null value is left out.

    Raises:
        pydantic.ValidationError: a record breaks the contract.
    """
    records = await read_records(kafka, topic)
    return [message.from_bytes(record.value) for record in records if record.value is not None]


async def committed_offsets(kafka: KafkaSettings, topic: Topic, group: str) -> dict[int, int]:
    """What a group has committed, by partition; partitions without a commit are left out."""
    admin = make_admin(kafka)
    await admin.start()
    try:
        offsets = await admin.list_consumer_group_offsets(kafka.group(group))
    finally:
        await admin.close()
    return {
        partition.partition: committed.offset
        for partition, committed in offsets.items()
        if partition.topic == kafka.topic(topic) and committed.offset >= 0
    }

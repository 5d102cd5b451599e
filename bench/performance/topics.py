"""Topics of one run: filled before it, counted during it, read back after it."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import NewTopic

from schemas import TOPICS
from workers.settings import KafkaSettings
from workers.streams import (
    create_topics,
    make_admin,
    make_consumer,
    make_producer,
    running_broker,
    topic_configs,
)

APPEND_TIME: Final = {"message.timestamp.type": "LogAppendTime"}
"""The broker's clock stamps posts and verdicts, so that times are of one clock."""

POLL_MS: Final = 200


async def fresh_topics(bootstrap_servers: str, partitions: int | None = None) -> KafkaSettings:
    """Settings with a prefix of their own, whose topics exist; stamped by the broker.

    Args:
        bootstrap_servers: of the broker.
        partitions: of the topics by which workers share posts; what they have by default if None.
    """
    kafka = KafkaSettings(
        bootstrap_servers=bootstrap_servers, topic_prefix=f"bench-{uuid4().hex[:12]}."
    )
    admin = make_admin(kafka)
    await admin.start()
    try:
        await admin.create_topics(
            [
                NewTopic(
                    name=kafka.topic(topic),
                    num_partitions=count or topic.partitions,
                    replication_factor=1,
                    topic_configs=topic_configs(topic) | stamped,
                )
                for topic, count, stamped in (
                    (TOPICS.posts, partitions, APPEND_TIME),
                    (TOPICS.retry, partitions, {}),
                    (TOPICS.author_signals, partitions, {}),
                    (TOPICS.verdicts, None, APPEND_TIME),
                )
            ]
        )
    finally:
        await admin.close()
    await create_topics(kafka)
    return kafka


async def produce_posts(kafka: KafkaSettings, posts: Iterable[tuple[bytes, bytes]]) -> int:
    """Put (key, value) pairs onto ``posts``; returns how many, all acknowledged."""
    producer = make_producer(kafka, client_id="bench", acks=1, enable_idempotence=False)
    await producer.start()
    count, topic = 0, kafka.topic(TOPICS.posts)
    try:
        for key, value in posts:
            await producer.send(topic, value, key)
            count += 1
        await producer.flush()
    finally:
        await producer.stop()
    return count


@dataclass(slots=True)
class Answers:
    """What was read from ``verdicts``: when each distinct post was answered first."""

    at_ms: dict[bytes, int] = field(default_factory=dict)
    repeated: int = 0

    def add(self, key: bytes, timestamp_ms: int) -> None:
        """Note one answer."""
        if key in self.at_ms:
            self.repeated += 1
        else:
            self.at_ms[key] = timestamp_ms

    def __len__(self) -> int:
        return len(self.at_ms)


class AnswerReader:
    """Reads ``verdicts`` as any platform would, committed records only; counts cheaply before."""

    def __init__(self, kafka: KafkaSettings, consumer: AIOKafkaConsumer) -> None:
        name = kafka.topic(TOPICS.verdicts)
        self._places = [TopicPartition(name, n) for n in range(TOPICS.verdicts.partitions)]
        self._consumer = consumer
        self.answers = Answers()

    async def appended(self) -> int:
        """Records that the topic holds, transaction markers included."""
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(self._places)
        return sum(ends.values())

    async def read(self) -> int:
        """Read what has come since; returns the distinct posts answered so far."""
        if not self._consumer.assignment():
            self._consumer.assign(self._places)
            await self._consumer.seek_to_beginning(*self._places)
        batches = await self._consumer.getmany(timeout_ms=POLL_MS)
        for records in batches.values():
            for record in records:
                self.answers.add(record.key, record.timestamp)
        return len(self.answers)


@asynccontextmanager
async def answer_reader(kafka: KafkaSettings) -> AsyncIterator[AnswerReader]:
    """A reader of the run's verdicts."""
    consumer = make_consumer(kafka, client_id="bench")
    await consumer.start()
    try:
        yield AnswerReader(kafka, consumer)
    finally:
        await consumer.stop()


async def group_members(kafka: KafkaSettings, group: str) -> int:
    """Members of a consumer group that has handed its partitions out; 0 while it does."""
    admin = make_admin(kafka)
    await admin.start()
    try:
        (response,) = await admin.describe_consumer_groups([group])
    finally:
        await admin.close()
    (described,) = response.groups
    _error, _group, state, _type, _protocol, members, *_ = described
    return len(members) if state == "Stable" else 0


@contextmanager
def bench_broker() -> Iterator[str]:
    """The address of a broker with records of its own: Apache Kafka where it can run."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-broker-") as folder,
        running_broker(data_dir=Path(folder)) as broker,
    ):
        yield broker.bootstrap_servers

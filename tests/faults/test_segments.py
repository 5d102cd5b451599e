"""The broker's own files tell what a transaction wrote, and how it ended."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from bench.faults.broker import FragileBroker
from bench.faults.check import Breach, check
from bench.faults.facts import Delivery, Place, Transactions
from bench.faults.history import ANSWERS, read_history
from bench.faults.policies import Policies
from bench.faults.segments import Batch, classify, read_transactions
from schemas import TOPICS
from tests.support.kafka import produce, unique_settings
from workers.settings import KafkaSettings
from workers.streams import create_topics, make_producer

ABORT, COMMIT = 0, 1


def data(first: int, last: int, producer: int, *, transactional: bool = True) -> Batch:
    return Batch(first, last, producer, transactional=transactional, marker=None)


def marker(offset: int, producer: int, kind: int) -> Batch:
    return Batch(offset, offset, producer, transactional=True, marker=kind)


def test_each_producer_is_followed_to_its_own_marker() -> None:
    offsets = classify(
        [
            data(0, 2, producer=1),
            data(3, 4, producer=2),
            marker(5, 1, ABORT),
            data(6, 6, producer=9, transactional=False),
            data(7, 7, producer=1),
            marker(8, 2, COMMIT),
            marker(9, 1, COMMIT),
            data(10, 11, producer=3),
        ]
    )
    assert offsets.aborted == {0, 1, 2}
    assert offsets.outside == {6}
    assert offsets.unended == {10, 11}


@pytest.fixture
async def kafka(fragile_broker: FragileBroker) -> KafkaSettings:
    settings = unique_settings(fragile_broker.bootstrap_servers)
    await create_topics(settings, [*ANSWERS, TOPICS.posts])
    return settings


async def write(producer: AIOKafkaProducer, topic: str, *values: bytes) -> None:
    for value in values:
        await producer.send_and_wait(topic, value, partition=0)


@pytest.mark.kafka
async def test_committed_aborted_unended_and_plain_records_are_told_apart(
    fragile_broker: FragileBroker, kafka: KafkaSettings
) -> None:
    topic = kafka.topic(TOPICS.dead_letter)
    producer = make_producer(kafka, transactional_id=kafka.group("transactional"))
    await producer.start()
    try:
        await producer.begin_transaction()
        await write(producer, topic, b"committed")
        await producer.commit_transaction()  # its marker takes an offset of its own
        await producer.begin_transaction()
        await write(producer, topic, b"aborted", b"aborted too")
        await producer.abort_transaction()
        await produce(kafka, TOPICS.dead_letter, [(None, b"plain")])
        await producer.begin_transaction()
        await write(producer, topic, b"unended")

        found = read_transactions(fragile_broker.records_dir, map(kafka.topic, ANSWERS))

        await producer.abort_transaction()
    finally:
        await producer.stop()
    assert found == Transactions(
        aborted=frozenset({Place(topic, 0, 2), Place(topic, 0, 3)}),
        outside=frozenset({Place(topic, 0, 5)}),
        unended=frozenset({Place(topic, 0, 6)}),
    )


@pytest.mark.kafka
async def test_a_history_read_from_a_broker_shows_a_planted_loss(
    fragile_broker: FragileBroker, kafka: KafkaSettings, tmp_path: Path
) -> None:
    await produce(kafka, TOPICS.posts, [(b"author", b"no post, and nobody answers")])
    history = await read_history(kafka, fragile_broker.records_dir, [], Policies(tmp_path))
    (finding,) = check(history, Delivery.EXACTLY_ONCE)
    assert finding.breach is Breach.LOST

"""Reading what a topic holds now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from schemas import TOPICS
from tests.support.kafka import started_producer, unique_settings
from workers.settings import KafkaSettings
from workers.streams import (
    BrokerKindUnavailableError,
    Stretch,
    TopicError,
    create_topics,
    read_topic,
    running_broker,
)

NOW = datetime.now(UTC).replace(microsecond=0)
"""Retention would delete records of a moment long ago."""

WHOLE = Stretch()


@pytest.fixture(scope="module")
def embedded_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    try:
        with running_broker("embedded", data_dir=tmp_path_factory.mktemp("embedded")) as broker:
            yield broker.bootstrap_servers
    except BrokerKindUnavailableError as missing:
        pytest.skip(f"no embedded broker here: {missing}")


@pytest.fixture(params=["apache", "embedded"])
async def kafka(request: pytest.FixtureRequest) -> KafkaSettings:
    """Topics on either broker: only the real one can look records up by time."""
    address: str = request.getfixturevalue(
        "apache_kafka" if request.param == "apache" else "embedded_broker"
    )
    settings = unique_settings(address)
    await create_topics(settings)
    return settings


async def write(kafka: KafkaSettings, minutes: range, partition: int = 0) -> None:
    """A record a minute before now, whose value is the number of minutes."""
    async with started_producer(kafka) as producer:
        for minute in minutes:
            await producer.send_and_wait(
                kafka.topic(TOPICS.verdicts),
                key=b"key",
                value=b"%d" % minute,
                partition=partition,
                timestamp_ms=int((NOW - timedelta(minutes=minute)).timestamp() * 1000),
            )


async def read(kafka: KafkaSettings, stretch: Stretch = WHOLE) -> list[int]:
    found = [int(record.value) async for record in read_topic(kafka, TOPICS.verdicts, stretch)]
    return sorted(found, reverse=True)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


async def test_a_stretch_of_time_is_read_of_every_partition(kafka: KafkaSettings) -> None:
    await write(kafka, range(50, 0, -10), partition=0)
    await write(kafka, range(45, 0, -10), partition=1)
    await write(kafka, range(100, 90, -5), partition=2)
    assert await read(kafka, Stretch(since=ago(30), until=ago(10))) == [30, 25, 20, 15]
    assert await read(kafka, Stretch(since=ago(12))) == [10, 5]
    assert await read(kafka, Stretch(until=ago(50))) == [100, 95]
    assert await read(kafka, Stretch(since=ago(0.5))) == []


async def test_the_last_are_counted_in_each_partition(kafka: KafkaSettings) -> None:
    await write(kafka, range(50, 0, -10), partition=0)
    await write(kafka, range(45, 0, -20), partition=1)
    assert await read(kafka, Stretch(last=2)) == [25, 20, 10, 5]
    assert await read(kafka, Stretch(since=ago(22), until=ago(8), last=1)) == [10]


async def test_an_empty_topic_says_nothing(kafka: KafkaSettings) -> None:
    assert await read(kafka) == []
    assert await read(kafka, Stretch(since=ago(10), last=3)) == []


async def test_what_comes_meanwhile_is_not_waited_for(kafka: KafkaSettings) -> None:
    await write(kafka, range(3, 0, -1))
    found = []
    async for record in read_topic(kafka, TOPICS.verdicts):
        found.append(int(record.value))
        if len(found) == 1:
            await write(kafka, range(9, 3, -1))
    assert found == [3, 2, 1]


@pytest.mark.kafka
async def test_a_topic_that_is_not_there_is_named(apache_kafka: str) -> None:
    kafka = unique_settings(apache_kafka)
    with pytest.raises(TopicError, match=f"there is no topic {kafka.topic(TOPICS.verdicts)}"):
        await read(kafka)

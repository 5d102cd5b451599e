from __future__ import annotations

import pytest

from schemas import TOPICS
from tests.support.kafka import committed_offsets, produce, read_records
from workers.settings import KafkaSettings
from workers.streams import make_consumer, make_producer

pytestmark = pytest.mark.kafka


async def test_a_record_of_an_aborted_transaction_is_never_read(
    kafka_settings: KafkaSettings,
) -> None:
    name = kafka_settings.topic(TOPICS.posts)
    producer = make_producer(kafka_settings, transactional_id=kafka_settings.group("writer"))
    await producer.start()
    try:
        for value, good in ((b"first", True), (b"aborted", False), (b"last", True)):
            await producer.begin_transaction()
            await producer.send_and_wait(name, key=b"author", value=value)
            await (producer.commit_transaction() if good else producer.abort_transaction())
    finally:
        await producer.stop()
    records = await read_records(kafka_settings, TOPICS.posts)
    assert [record.value for record in records] == [b"first", b"last"]


async def test_a_new_group_reads_from_the_beginning_and_commits_only_what_it_is_told_to(
    kafka_settings: KafkaSettings,
) -> None:
    await produce(kafka_settings, TOPICS.dead_letter, [(b"k", b"0"), (b"k", b"1"), (b"k", b"2")])
    name = kafka_settings.topic(TOPICS.dead_letter)

    async def read(commit: int | None) -> list[bytes]:
        consumer = make_consumer(kafka_settings, name, group=kafka_settings.group("readers"))
        await consumer.start()
        try:
            values: list[bytes] = []
            while b"2" not in values:
                values.append((await consumer.getone()).value)
            if commit is not None:
                await consumer.commit(dict.fromkeys(consumer.assignment(), commit))
            return values
        finally:
            await consumer.stop()

    assert await read(commit=None) == [b"0", b"1", b"2"]
    assert await committed_offsets(kafka_settings, TOPICS.dead_letter, "readers") == {}
    assert await read(commit=2) == [b"0", b"1", b"2"]
    assert await committed_offsets(kafka_settings, TOPICS.dead_letter, "readers") == {0: 2}
    assert await read(commit=None) == [b"2"]

"""Records reach the topic of posts, and a broker that is not there is named."""

from __future__ import annotations

import pytest

from schemas import TOPICS
from tests.support.kafka import read_records, unique_settings
from workers.demo.errors import ProduceError, RecordTooLargeError
from workers.demo.producing import produce
from workers.demo.records import Record
from workers.demo.records import read_records as records_of
from workers.demo.sample_posts import SAMPLE_FILES, load_samples
from workers.demo.tally import Place, Tally
from workers.demo.topic_reader import TopicReader
from workers.settings import KafkaSettings
from workers.streams import TopicError, free_ports


@pytest.mark.kafka
async def test_every_sample_stands_where_its_acknowledgement_says(
    kafka_settings: KafkaSettings,
) -> None:
    records = [record for path in SAMPLE_FILES for record in records_of(path)]
    places = await produce(kafka_settings, records)
    stored = {
        Place(each.partition, each.offset): Record(each.key, each.value)
        for each in await read_records(kafka_settings, TOPICS.posts)
    }
    assert [stored[place] for place in places] == records


@pytest.mark.kafka
async def test_an_author_keeps_one_partition(kafka_settings: KafkaSettings) -> None:
    records = [Record(f"author-{number % 5}".encode(), b"{}") for number in range(50)]
    places = await produce(kafka_settings, records)
    partitions = {
        (record.key, place.partition) for record, place in zip(records, places, strict=True)
    }
    assert len(partitions) == 5


@pytest.mark.kafka
async def test_the_reader_finds_every_question_that_was_produced(
    kafka_settings: KafkaSettings,
) -> None:
    await produce(kafka_settings, [each for path in SAMPLE_FILES for each in records_of(path)])
    tally = Tally()
    async with TopicReader(kafka_settings, tally) as reader:
        assert await reader.read_to_end() == []
    assert tally.totals().posts == len(tally.unanswered()) == len(load_samples()) - 1


@pytest.mark.kafka
async def test_a_record_that_no_topic_takes_is_named(kafka_settings: KafkaSettings) -> None:
    too_large = Record(b"ana", bytes(9 * 1024 * 1024))
    with pytest.raises(RecordTooLargeError, match=r"record 2 has 9,437,184 bytes"):
        await produce(kafka_settings, [Record(b"ana", b"{}"), too_large])


@pytest.mark.kafka
async def test_a_missing_topic_is_named_with_the_way_out(apache_kafka: str) -> None:
    with pytest.raises(ProduceError, match="moderation topics create"):
        await produce(unique_settings(apache_kafka), [Record(b"ana", b"{}")])


async def test_a_broker_that_is_not_there_is_named() -> None:
    kafka = KafkaSettings(bootstrap_servers=f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(TopicError, match="no broker answers"):
        await produce(kafka, [])

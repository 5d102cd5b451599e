from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from schemas import MAX_RECORD_BYTES, TOPICS, DeadLetter, ErrorClass
from tests.support.kafka import produce, read_records, unique_settings
from workers.settings import KafkaSettings
from workers.streams import (
    MAX_MESSAGE_BYTES,
    TopicDriftError,
    TopicError,
    create_topics,
    describe_topics,
)

pytestmark = pytest.mark.kafka

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_topics_are_made_as_the_contract_says_and_found_again(apache_kafka: str) -> None:
    kafka = unique_settings(apache_kafka)
    before = await describe_topics(kafka)
    first = await create_topics(kafka)
    second = await create_topics(kafka)
    assert {report.state for report in before} == {"missing"}
    assert {report.state for report in first} == {"created"}
    assert {report.state for report in second} == {"exists"}
    assert [report.topic for report in second] == list(TOPICS)
    assert [report.partitions for report in second] == [topic.partitions for topic in TOPICS]
    assert [report.drift for report in second] == [()] * len(list(TOPICS))


async def test_a_topic_that_differs_is_reported_and_left_alone(apache_kafka: str) -> None:
    kafka = unique_settings(apache_kafka)
    narrow = replace(TOPICS.verdicts, partitions=2, cleanup="delete", retention_ms=1_000)
    await create_topics(kafka, [narrow])
    for report in (
        *await create_topics(kafka, [TOPICS.verdicts]),
        *await describe_topics(kafka, [TOPICS.verdicts]),
    ):
        assert report.state == "exists"
        assert report.drift == (
            "2 partitions, the contract says 6",
            "cleanup.policy is delete, the contract says compact,delete",
            "retention.ms is 1000, the contract says 7776000000",
        )


async def test_posts_and_signals_with_different_partition_counts_are_refused(
    apache_kafka: str,
) -> None:
    kafka = unique_settings(apache_kafka)
    await create_topics(kafka, [replace(TOPICS.author_signals, partitions=3)])
    with pytest.raises(TopicDriftError, match=r"posts has 6, .*author-signals has 3"):
        await create_topics(kafka)


async def test_the_brokers_refusal_names_the_topic(apache_kafka: str) -> None:
    kafka = unique_settings(apache_kafka).model_copy(update={"replication_factor": 3})
    with pytest.raises(TopicError, match=r"cannot make the topic test-.*\.posts: .*replication"):
        await create_topics(kafka)


async def test_no_broker_is_a_clear_error(unused_tcp_port: int) -> None:
    with pytest.raises(TopicError, match="moderation broker up"):
        await create_topics(KafkaSettings(bootstrap_servers=f"127.0.0.1:{unused_tcp_port}"))


async def test_the_largest_post_can_be_set_aside_whole(kafka_settings: KafkaSettings) -> None:
    original = bytes(MAX_RECORD_BYTES)
    letter = DeadLetter.model_validate(
        {
            "topic": "posts",
            "partition": 0,
            "offset": 0,
            "timestamp": NOON,
            "value": original,
            "error_class": ErrorClass.NOT_JSON,
            "reason": "is not JSON",
            "failed_at": NOON,
        }
    ).to_bytes()
    assert len(letter) < TOPICS.dead_letter.max_record_bytes == MAX_MESSAGE_BYTES
    await produce(kafka_settings, TOPICS.dead_letter, [(b"author", letter)])
    (record,) = await read_records(kafka_settings, TOPICS.dead_letter)
    assert DeadLetter.from_bytes(record.value).value == original

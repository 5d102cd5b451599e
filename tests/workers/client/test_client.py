"""The client kit against real Apache Kafka and a real worker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from schemas import TOPICS, Post, Verdict, VerdictStatus
from tests.support.kafka import produce_messages, read_messages, read_records, unique_settings
from tests.support.worker_process import running_worker
from tests.workers.review.samples import verdict
from workers.client import ClientError, PostRefusedError, PostSender, VerdictReader
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECONDS = 60.0


def make_post(name: str, **changes: object) -> Post:
    fields = {"post_id": name, "author_id": "ann", "created_at": NOW, "text": f"hello {name}"}
    return Post.model_validate(fields | changes)


async def take(verdicts: AsyncIterator[Verdict], count: int) -> list[Verdict]:
    async with asyncio.timeout(SECONDS):
        return [await anext(verdicts) for _ in range(count)]


async def test_what_is_sent_is_judged_and_comes_back(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    with running_worker(kafka_settings, tmp_path):
        async with PostSender(kafka_settings, source="/feed") as sender:
            await sender.send_all([make_post("one"), make_post("two")])
        async with VerdictReader(kafka_settings, group="feed") as reader:
            found = await take(aiter(reader), 2)
    assert {one.post_id for one in found} == {"one", "two"}
    assert {one.status for one in found} == {VerdictStatus.COMPLETE}


async def test_an_event_has_the_attributes_of_a_cloud_event(kafka_settings: KafkaSettings) -> None:
    async with PostSender(kafka_settings, source="/feed") as sender:
        await sender.send(make_post("one"))
        await sender.send(make_post("one"))
        await sender.send(make_post("one", revision=2))
    records = await read_records(kafka_settings, TOPICS.posts)
    headers = [{name: value.decode() for name, value in record.headers} for record in records]
    assert headers[0]["ce_specversion"] == "1.0"
    assert headers[0]["ce_source"] == "/feed"
    assert headers[0]["ce_subject"] == "one"
    assert headers[0]["ce_id"] == headers[1]["ce_id"] != headers[2]["ce_id"]
    assert {record.key for record in records} == {b"ann"}


async def test_a_withdrawal_is_a_revision_without_content(kafka_settings: KafkaSettings) -> None:
    async with PostSender(kafka_settings) as sender:
        await sender.withdraw("one", "ann", revision=3, created_at=NOW)
    (post,) = await read_messages(kafka_settings, TOPICS.posts, Post)
    assert (post.op, post.revision, post.text) == ("delete", 3, None)


async def test_only_what_is_new_is_shown(kafka_settings: KafkaSettings) -> None:
    first, edited, other = make_post("one"), make_post("one", revision=2), make_post("two")
    overtaken = verdict(
        make_post("one", revision=3), superseded_by=4, status=VerdictStatus.WITHDRAWN
    )
    sent = [
        verdict(first),
        verdict(first),  # delivered twice
        verdict(edited),
        verdict(first),  # late
        overtaken,
        verdict(other),
    ]
    await produce_messages(
        kafka_settings, TOPICS.verdicts, (("one-partition", message) for message in sent)
    )
    async with VerdictReader(kafka_settings, group="feed") as reader:
        found = await take(aiter(reader), 3)
    assert [(one.post_id, one.revision) for one in found] == [("one", 1), ("one", 2), ("two", 1)]


async def test_what_was_not_handled_is_shown_again(kafka_settings: KafkaSettings) -> None:
    posts = [make_post(str(number)) for number in range(3)]
    await produce_messages(
        kafka_settings, TOPICS.verdicts, (("one-partition", verdict(post)) for post in posts)
    )
    async with VerdictReader(kafka_settings, group="feed") as reader:
        first = await take(aiter(reader), 3)  # the third is not handled: nobody asks for a fourth
    async with VerdictReader(kafka_settings, group="feed") as reader:
        again = await take(aiter(reader), 3)
    assert first == again


async def test_what_was_handled_is_not_shown_again(kafka_settings: KafkaSettings) -> None:
    await produce_messages(kafka_settings, TOPICS.verdicts, [("one", verdict(make_post("one")))])
    async with VerdictReader(kafka_settings, group="feed") as reader:
        verdicts = aiter(reader)
        await take(verdicts, 1)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(verdicts), 2)  # asking for the next one handles the first
    await produce_messages(kafka_settings, TOPICS.verdicts, [("two", verdict(make_post("two")))])
    async with VerdictReader(kafka_settings, group="feed") as reader:
        (found,) = await take(aiter(reader), 1)
    assert found.post_id == "two"


async def test_a_missing_topic_and_a_missing_broker_are_named(apache_kafka: str) -> None:
    nowhere = KafkaSettings(bootstrap_servers="127.0.0.1:9")
    with pytest.raises(ClientError, match=r"no broker answers at 127\.0\.0\.1:9"):
        async with PostSender(nowhere):
            pass
    with pytest.raises(ClientError, match=r"no broker answers at 127\.0\.0\.1:9"):
        async with VerdictReader(nowhere, group="feed"):
            pass
    kafka = unique_settings(apache_kafka)
    async with PostSender(kafka) as sender:
        with pytest.raises(PostRefusedError, match="moderation topics create"):
            await sender.send(make_post("one"))


async def test_a_sender_that_is_not_connected_says_so(kafka_settings: KafkaSettings) -> None:
    with pytest.raises(ClientError, match="async context manager"):
        await PostSender(kafka_settings).send(make_post("one"))

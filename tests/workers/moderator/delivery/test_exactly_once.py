"""On real Kafka: every record is answered once, whoever is fenced, stuck, or too large."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from aiokafka import TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import ProducerFenced

from moderation.media import FolderFetcher
from schemas import TOPICS, DeadLetter, Escalation, Media, NotScannedReason, Verdict
from tests.support.kafka import (
    committed_offsets,
    produce_posts,
    read_messages,
    read_records,
)
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import running_worker
from workers.moderator.delivery import Message, Transactor
from workers.moderator.faults import FaultPoint
from workers.settings import KafkaSettings
from workers.streams import Progress, make_admin, make_consumer, make_producer

pytestmark = pytest.mark.kafka

PLACE = TopicPartition("elsewhere", 0)


def transactor(kafka: KafkaSettings, transactional_id: str) -> Transactor:
    make = partial(make_producer, kafka, transactional_id=kafka.group(transactional_id))
    return Transactor(make, kafka.group("moderator"), FaultPoint())


def message(kafka: KafkaSettings, text: str) -> Message:
    return Message(kafka.topic(TOPICS.verdicts), b"key", text.encode(), [])


async def texts(kafka: KafkaSettings) -> list[str]:
    return [record.value.decode() for record in await read_records(kafka, TOPICS.verdicts)]


async def verdict_counts(kafka: KafkaSettings) -> Counter[str]:
    verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
    return Counter(verdict.post_id for verdict in verdicts)


async def test_predecessor_can_commit_nothing_once_its_successor_has_started(
    kafka_settings: KafkaSettings,
) -> None:
    place = TopicPartition(kafka_settings.topic(TOPICS.posts), 0)
    zombie, successor = (transactor(kafka_settings, "one") for _ in range(2))
    await zombie.start()
    await zombie.commit([message(kafka_settings, "before")], {place: Progress(1)})
    await successor.start()
    try:
        with pytest.raises(ProducerFenced):
            await zombie.commit([message(kafka_settings, "zombie")], {place: Progress(2)})
        await successor.commit([message(kafka_settings, "after")], {place: Progress(3)})
    finally:
        await zombie.stop()
        await successor.stop()
    assert await texts(kafka_settings) == ["before", "after"]
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert committed == {0: 3}


async def test_fenced_transactor_leaves_no_error_unheard(
    kafka_settings: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    place = TopicPartition(kafka_settings.topic(TOPICS.posts), 0)
    zombie, successor = (transactor(kafka_settings, "one") for _ in range(2))
    await zombie.start()
    await successor.start()
    await successor.stop()
    topic = kafka_settings.topic(TOPICS.verdicts)
    messages = [Message(topic, b"%d" % number, b"", []) for number in range(9)]
    with pytest.raises(ProducerFenced):
        await zombie.commit(messages, {place: Progress(1)})
    await zombie.stop()
    assert unheard(caplog) == []


def unheard(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What asyncio reports of errors that nobody awaited."""
    gc.collect()
    return [record.getMessage() for record in caplog.records if record.name == "asyncio"]


async def test_fenced_worker_drops_what_it_holds_asks_the_group_and_answers_on(
    kafka_settings: KafkaSettings, caplog: pytest.LogCaptureFixture
) -> None:
    posts = [make_post(f"post-{i}", author_id="one-author") for i in range(60)]
    async with running_worker(kafka_settings) as worker:
        await produce_posts(kafka_settings, TOPICS.posts, posts[:30])
        await worker.reaches("moderation_verdicts_total", 30)
        (record, *_) = await read_records(kafka_settings, TOPICS.posts)
        name = f"moderator-{kafka_settings.topic(TOPICS.posts)}-{record.partition}"
        intruder = transactor(kafka_settings, name)
        await intruder.start()
        await intruder.stop()
        await produce_posts(kafka_settings, TOPICS.posts, posts[30:])
        await worker.reaches("moderation_transactions_total", 1, outcome="fenced")
        await worker.reaches("moderation_verdicts_total", 60)
        await worker.is_ready()
    assert unheard(caplog) == []
    assert await verdict_counts(kafka_settings) == {post.post_id: 1 for post in posts}


async def hang(_fetcher: FolderFetcher, _media: Media) -> bytes:
    """A store that takes the question and never answers."""
    await asyncio.Event().wait()
    raise AssertionError


async def test_what_was_answered_behind_a_stuck_post_is_not_answered_again_by_the_next_worker(
    kafka_settings: KafkaSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = make_post("stuck", author_id="one-author", images=(Media(key="stuck.png"),))
    others = [make_post(f"post-{i}", author_id="one-author") for i in range(50)]
    await produce_posts(kafka_settings, TOPICS.posts, [*others[:20], stuck, *others[20:]])
    with monkeypatch.context() as store:
        store.setattr(FolderFetcher, "fetch", hang)
        settings = {"media_root": tmp_path, "drain_seconds": 0.2}
        async with running_worker(kafka_settings, **settings) as worker:
            await worker.reaches("moderation_verdicts_total", 50)
    assert await verdict_counts(kafka_settings) == {post.post_id: 1 for post in others}
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert sum(committed.values()) == 20
    async with running_worker(kafka_settings) as successor:
        await successor.reaches("moderation_verdicts_total", 1)
    assert await verdict_counts(kafka_settings) == {post.post_id: 1 for post in (*others, stuck)}
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert sum(committed.values()) == 51


async def test_answer_too_large_for_its_topic_is_set_aside_alone(
    kafka_settings: KafkaSettings,
) -> None:
    await limit_records(kafka_settings, kafka_settings.topic(TOPICS.escalations), 8_000)
    posts = [make_post(f"post-{i}", author_id="one-author") for i in range(8)]
    large = make_post("large", author_id="one-author", text="la " * 5_000)
    await produce_posts(kafka_settings, TOPICS.posts, [*posts[:4], large, *posts[4:]])
    async with running_worker(kafka_settings, audit_sample_rate=1.0) as worker:
        await worker.reaches("moderation_dead_letters_total", 1)
        await worker.reaches("moderation_escalations_total", 8)
    assert await verdict_counts(kafka_settings) == {post.post_id: 1 for post in posts}
    escalations = await read_messages(kafka_settings, TOPICS.escalations, Escalation)
    assert Counter(e.post.post_id for e in escalations) == {post.post_id: 1 for post in posts}
    (letter,) = await read_messages(kafka_settings, TOPICS.dead_letter, DeadLetter)
    assert letter.value == large.to_bytes()


async def limit_records(kafka: KafkaSettings, topic: str, size: int) -> None:
    """Let the topic take no batch over so many bytes."""
    admin = make_admin(kafka)
    await admin.start()
    try:
        limits = {"max.message.bytes": str(size)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limits)])
    finally:
        await admin.close()


async def test_post_waits_for_its_store_and_is_judged_with_its_picture_when_that_is_back(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    waiting = make_post("waiting", images=(Media(key="picture.png"),))
    await produce_posts(kafka_settings, TOPICS.posts, [waiting, make_post("other")])
    settings = {"media_root": store, "retry_seconds": 0.2, "retry_attempts": 20}
    async with running_worker(kafka_settings, **settings) as worker:
        await worker.reaches("moderation_retries_total", 2, reason="media_unreachable")
        await worker.reaches("moderation_verdicts_total", 1)
        assert await verdict_counts(kafka_settings) == {"other": 1}
        store.mkdir()
        (store / "picture.png").write_bytes(b"no picture")
        await worker.reaches("moderation_verdicts_total", 2)
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    (verdict,) = [verdict for verdict in verdicts if verdict.post_id == "waiting"]
    # Found and looked at: that it is no picture is what the store had to tell.
    assert [missed.reason for missed in verdict.not_scanned] == [NotScannedReason.UNSUPPORTED]


async def test_readers_see_nothing_of_a_transaction_that_is_still_open(
    kafka_settings: KafkaSettings,
) -> None:
    open_ended = make_producer(kafka_settings, transactional_id=kafka_settings.group("open"))
    await open_ended.start()
    topic = kafka_settings.topic(TOPICS.verdicts)
    try:
        await open_ended.begin_transaction()
        await open_ended.send_and_wait(topic, b"uncommitted", b"key")
        assert await texts(kafka_settings) == []
        loose = make_consumer(
            kafka_settings, topic, client_id="loose", isolation_level="read_uncommitted"
        )
        await loose.start()
        try:

            async def seen() -> bool:
                return bool(await loose.getmany(timeout_ms=100))

            await eventually_async(seen)
        finally:
            await loose.stop()
        await asyncio.wait_for(open_ended.abort_transaction(), 30)
        assert await texts(kafka_settings) == []
    finally:
        await open_ended.stop()

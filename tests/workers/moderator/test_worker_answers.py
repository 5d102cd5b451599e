"""Every record is answered on real Kafka: by a verdict, or by a dead letter with the reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from schemas import (
    TOPICS,
    Action,
    DeadLetter,
    ErrorClass,
    Escalation,
    Media,
    Modality,
    NotScannedReason,
    Verdict,
    VerdictStatus,
)
from tests.support.kafka import (
    committed_offsets,
    produce,
    produce_posts,
    read_messages,
    read_records,
)
from tests.workers.moderator.making import ChokingScorer, make_post, make_withdrawal
from tests.workers.moderator.running import running_worker
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka

SECRET = "do-not-repeat-me"


async def test_every_post_gets_one_verdict_under_its_id_and_is_committed(
    kafka_settings: KafkaSettings,
) -> None:
    posts = [make_post(f"post-{i}") for i in range(500)]
    await produce_posts(kafka_settings, TOPICS.posts, posts)
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_verdicts_total", 500, action="allow", status="complete")
    records = await read_records(kafka_settings, TOPICS.verdicts)
    verdicts = [Verdict.from_bytes(record.value) for record in records]
    assert Counter(verdict.post_id for verdict in verdicts) == Counter(p.post_id for p in posts)
    assert all(
        record.key == verdict.post_id.encode()
        for record, verdict in zip(records, verdicts, strict=True)
    )
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert sum(committed.values()) == 500
    assert await read_records(kafka_settings, TOPICS.escalations) == []
    assert await read_records(kafka_settings, TOPICS.dead_letter) == []


async def test_what_is_no_post_is_set_aside_whole_and_blocks_nobody(
    kafka_settings: KafkaSettings,
) -> None:
    broken = [
        (b"a", b'{"post_id": "' + SECRET.encode()),
        (None, b'{"post_id": 7, "text": "' + SECRET.encode() + b'"}'),
        (b"c", make_post("long").to_bytes().replace(b"A walk", b"A walk" * 20_000)),
    ]
    await produce(kafka_settings, TOPICS.posts, broken)
    await produce_posts(kafka_settings, TOPICS.posts, [make_post("good")])
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_dead_letters_total", 2, error_class="contract")
        await worker.reaches("moderation_dead_letters_total", 1, error_class="not_json")
        await worker.reaches("moderation_verdicts_total", 1)
    records = await read_records(kafka_settings, TOPICS.dead_letter)
    letters = [DeadLetter.from_bytes(record.value) for record in records]
    assert {(letter.key, letter.value) for letter in letters} == set(broken)
    assert {record.key for record in records} == {b"a", None, b"c"}
    assert all(SECRET not in letter.reason for letter in letters)
    assert {letter.topic for letter in letters} == {kafka_settings.topic(TOPICS.posts)}


async def test_record_without_a_value_names_no_post_so_it_is_counted_and_passed(
    kafka_settings: KafkaSettings,
) -> None:
    await produce(kafka_settings, TOPICS.posts, [(b"author", None), (b"author", None)])
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_null_records_total", 2)
        await worker.reaches("moderation_commits_total", 1)
    committed = await committed_offsets(kafka_settings, TOPICS.posts, "moderator")
    assert sum(committed.values()) == 2
    assert await read_records(kafka_settings, TOPICS.verdicts) == []
    assert await read_records(kafka_settings, TOPICS.dead_letter) == []


async def test_missing_media_degrade_the_verdict_and_bring_it_to_a_person(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    post = make_post(images=(Media(key="gone.jpg"),), audio=(Media(url="https://a.example/b"),))
    await produce_posts(kafka_settings, TOPICS.posts, [post])
    async with running_worker(kafka_settings, media_root=tmp_path) as worker:
        await worker.reaches("moderation_escalations_total", 1)
        await worker.reaches("moderation_not_scanned_total", 1, modality="image")
    (verdict,) = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert verdict.status is VerdictStatus.DEGRADED
    assert verdict.action is Action.REVIEW
    assert {entry.modality: entry.reason for entry in verdict.not_scanned} == {
        Modality.IMAGE: NotScannedReason.MISSING,
        Modality.AUDIO: NotScannedReason.FORBIDDEN,
    }
    assert verdict.modalities == (Modality.TEXT,)
    (escalation,) = await read_messages(kafka_settings, TOPICS.escalations, Escalation)
    assert escalation.verdict == verdict
    assert escalation.post == post


async def test_withdrawal_is_answered(kafka_settings: KafkaSettings) -> None:
    posts = [make_post("post-1"), make_withdrawal("post-1")]
    await produce_posts(kafka_settings, TOPICS.posts, posts)
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_verdicts_total", 2, status="withdrawn")
    records = await read_records(kafka_settings, TOPICS.verdicts)
    # The post was taken back before anybody judged it, which is said beside the effective verdict.
    assert [record.key for record in records] == [b"post-1#1", b"post-1"]
    verdicts = [Verdict.from_bytes(record.value) for record in records]
    assert [(v.revision, v.status, v.superseded_by) for v in verdicts] == [
        (1, VerdictStatus.WITHDRAWN, 2),
        (2, VerdictStatus.WITHDRAWN, None),
    ]


async def test_post_that_breaks_the_scorer_is_set_aside_alone(
    kafka_settings: KafkaSettings,
) -> None:
    posts = [make_post(f"post-{i}", author_id="one-author") for i in range(20)]
    await produce_posts(kafka_settings, TOPICS.posts, posts)
    scorer = ChokingScorer("post-7", ValueError(SECRET))
    async with running_worker(kafka_settings, scorer) as worker:
        await worker.reaches("moderation_dead_letters_total", 1, error_class="poison")
        await worker.reaches("moderation_verdicts_total", 19)
    (letter,) = await read_messages(kafka_settings, TOPICS.dead_letter, DeadLetter)
    assert letter.error_class is ErrorClass.POISON
    assert letter.value == posts[7].to_bytes()
    assert "ValueError in making.py" in letter.reason
    assert SECRET not in letter.reason
    assert len(await read_records(kafka_settings, TOPICS.verdicts)) == 19


async def test_audit_sample_reaches_reviewers_in_a_queue_of_its_own(
    kafka_settings: KafkaSettings,
) -> None:
    await produce_posts(kafka_settings, TOPICS.posts, [make_post(f"post-{i}") for i in range(10)])
    async with running_worker(kafka_settings, audit_sample_rate=1.0) as worker:
        await worker.reaches("moderation_escalations_total", 10, queue="audit")
    escalations = await read_messages(kafka_settings, TOPICS.escalations, Escalation)
    assert {escalation.verdict.sampling.inclusion_probability for escalation in escalations} == {1}
    assert {escalation.verdict.action for escalation in escalations} == {Action.ALLOW}


async def test_largest_posts_can_be_judged_escalated_and_set_aside(
    kafka_settings: KafkaSettings,
) -> None:
    noise = bytes(500_000)
    post = make_post("big", images=tuple(Media(data=noise) for _ in range(10)))
    await produce_posts(kafka_settings, TOPICS.posts, [post])
    await produce(kafka_settings, TOPICS.posts, [(b"big", b"{" + b" " * 7_000_000)])
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_escalations_total", 1)
        await worker.reaches("moderation_dead_letters_total", 1)
    (escalation,) = await read_messages(kafka_settings, TOPICS.escalations, Escalation)
    assert len(escalation.verdict.not_scanned) == 10
    (letter,) = await read_messages(kafka_settings, TOPICS.dead_letter, DeadLetter)
    assert len(letter.value) == 7_000_001

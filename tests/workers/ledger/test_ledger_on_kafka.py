"""The ledger against real Apache Kafka."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas import (
    TOPICS,
    Action,
    DeadLetter,
    ErrorClass,
    Header,
    Verdict,
)
from tests.support.kafka import (
    committed_offsets,
    produce,
    read_records,
    started_producer,
)
from tests.support.waiting import eventually, eventually_async
from tests.workers.ledger.records import NOT_SAMPLED, a_decision, a_verdict, sampled
from tests.workers.ledger.steps import (
    PATIENCE_SECONDS,
    a_ledger,
    all_counted,
    audited,
    events_counted,
    send,
    signals,
)
from workers.ledger import LedgerSettings
from workers.ledger.topics import APP_NAME, ledger_topics
from workers.settings import KafkaSettings
from workers.streams import make_producer

pytestmark = pytest.mark.kafka


async def test_a_verdict_and_a_decision_become_author_signals(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    await send(
        kafka_settings,
        TOPICS.verdicts,
        a_verdict(Action.REMOVE, post="a", category="hate"),
        a_verdict(Action.REMOVE, post="b"),
        a_verdict(Action.ALLOW, post="c", author="author-2"),
    )
    async with a_ledger(kafka_settings, tmp_path) as ledger:
        await send(
            kafka_settings,
            TOPICS.review_decisions,
            a_decision(Action.ALLOW, machine=Action.REMOVE, post="a"),
            a_decision(Action.REMOVE, machine=Action.REMOVE, post="b"),
        )
        await events_counted(ledger, 5)

        found = await signals(kafka_settings)
        first = found["author-1"]
        assert (first.posts, first.removals, first.strikes, first.overturned) == (2, 1, 1, 1)
        assert first.posts_last_hour == 2
        assert found["author-2"].posts == 1
        assert ledger.metric("moderation_ledger_verdicts_total", action="remove") == 2
        assert (
            ledger.metric(
                "moderation_ledger_decisions_total", machine_action="remove", human_action="allow"
            )
            == 1
        )
        assert ledger.metric("moderation_ledger_overturned_total", category="hate") == 1
        assert ledger.metric("moderation_ledger_authors") == 2
        assert ledger.metric("moderation_ledger_unmatched_decisions") == 0


async def test_signals_lie_in_the_partition_of_the_authors_posts(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    authors = [f"author-{number}" for number in range(20)]
    keys = [(author.encode(), b"a post of this author") for author in authors]
    await produce(kafka_settings, TOPICS.posts, keys)
    await send(
        kafka_settings,
        TOPICS.verdicts,
        *(a_verdict(post=f"post-of-{author}", author=author) for author in authors),
    )

    async def told_of_all() -> bool:
        return len(await signals(kafka_settings)) == len(authors)

    async with a_ledger(kafka_settings, tmp_path):
        await eventually_async(told_of_all, describe="signals of every author")

    posts = await read_records(kafka_settings, TOPICS.posts)
    written = await read_records(kafka_settings, TOPICS.author_signals)
    assert {one.key: one.partition for one in written} == {one.key: one.partition for one in posts}


async def test_repeated_records_count_once_across_a_restart_and_a_kill(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    verdicts = [
        a_verdict(
            Action.REMOVE,
            post=f"post-{number}",
            sampling=sampled() if number < 5 else NOT_SAMPLED,
        )
        for number in range(20)
    ]
    decision = a_decision(Action.REMOVE, machine=Action.REMOVE, post="post-0")
    await send(kafka_settings, TOPICS.verdicts, *verdicts)
    await send(kafka_settings, TOPICS.review_decisions, decision, decision)

    async with a_ledger(kafka_settings, tmp_path) as ledger:
        await events_counted(ledger, 22)
        assert ledger.metric("moderation_ledger_duplicates_total") == 1
        assert await asyncio.to_thread(ledger.stop) == 0

    async with a_ledger(kafka_settings, tmp_path) as ledger:
        assert ledger.metric("moderation_ledger_authors") == 1
        await send(kafka_settings, TOPICS.verdicts, *verdicts)
        await events_counted(ledger, 20)
        assert ledger.metric("moderation_ledger_duplicates_total") == 20
        await asyncio.to_thread(ledger.kill)

    # Another machine: nothing on disk, the tables come back from their changelogs.
    async with a_ledger(kafka_settings, tmp_path / "elsewhere") as ledger:
        await send(kafka_settings, TOPICS.verdicts, *verdicts, a_verdict(post="post-20"))
        await all_counted(kafka_settings)
        assert ledger.metric("moderation_ledger_verdicts_total") == 1
        eventually(lambda: audited(ledger) == (5, 1), describe="the audit sample is back")

    counted = (await signals(kafka_settings))["author-1"]
    assert (counted.posts, counted.removals, counted.strikes) == (21, 20, 1)


async def test_a_campaign_is_told_to_all_its_authors_and_not_counted_twice_after_a_kill(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    def by_authors(*numbers: int) -> list[Verdict]:
        key = "0123456789abcdef"
        return [
            a_verdict(post=f"post-{one}", author=f"author-{one}", text_keys=(key,))
            for one in numbers
        ]

    async def told(author: str, count: int) -> None:
        async def heard() -> bool:
            known = (await signals(kafka_settings)).get(author)
            campaign = None if known is None else known.campaign
            return campaign is not None and campaign.authors == count

        await eventually_async(
            heard, within_seconds=PATIENCE_SECONDS, describe=f"{author} in a campaign of {count}"
        )

    await send(kafka_settings, TOPICS.verdicts, *by_authors(*range(5)))
    async with a_ledger(kafka_settings, tmp_path) as ledger:
        for number in range(5):
            await told(f"author-{number}", 5)
        await asyncio.to_thread(ledger.kill)

    async with a_ledger(kafka_settings, tmp_path / "elsewhere"):
        await send(kafka_settings, TOPICS.verdicts, *by_authors(*range(5)), *by_authors(5))
        await told("author-5", 6)


async def test_an_unreadable_record_is_put_aside_and_holds_nothing_up(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    async with started_producer(kafka_settings) as producer:
        await producer.send_and_wait(
            kafka_settings.topic(TOPICS.verdicts), b"{broken", key=b"a", headers=[("trace", b"7")]
        )
    await produce(kafka_settings, TOPICS.verdicts, [(b"post-1", None)])
    await produce(kafka_settings, TOPICS.verdicts, [(b"post-1", b'{"post_id": 7}')])
    await send(kafka_settings, TOPICS.verdicts, a_verdict(Action.REMOVE))

    async with a_ledger(kafka_settings, tmp_path) as ledger:
        await events_counted(ledger, 1)
        eventually(lambda: ledger.metric("moderation_ledger_unreadable_total") == 2)

    assert (await signals(kafka_settings))["author-1"].removals == 1
    letters = await _dead_letters(kafka_settings)
    assert {one.error_class for one in letters} == {ErrorClass.NOT_JSON, ErrorClass.CONTRACT}
    assert {one.value for one in letters} == {b"{broken", b'{"post_id": 7}'}
    assert [(one.key, one.headers) for one in letters if one.headers] == [
        (b"a", (Header(name="trace", value=b"7"),))
    ]
    assert {one.topic for one in letters} == {kafka_settings.topic(TOPICS.verdicts)}


async def _dead_letters(kafka: KafkaSettings) -> list[DeadLetter]:
    topic = ledger_topics(LedgerSettings()).dead_letter
    return [DeadLetter.from_bytes(one.value) for one in await read_records(kafka, topic)]


async def test_verdicts_of_an_aborted_transaction_are_not_counted_and_hold_up_no_commit(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    producer = make_producer(kafka_settings, transactional_id=kafka_settings.group("worker"))
    await producer.start()

    async def transaction(*posts: str, commit: bool) -> None:
        await producer.begin_transaction()
        for post in posts:
            value = a_verdict(Action.REMOVE, post=post).to_bytes()
            topic = kafka_settings.topic(TOPICS.verdicts)
            await producer.send(topic, value, post.encode(), partition=0)
        await (producer.commit_transaction() if commit else producer.abort_transaction())

    try:
        await transaction("first", commit=True)
        async with a_ledger(kafka_settings, tmp_path) as ledger:
            await events_counted(ledger, 1)
            await transaction("aborted", "aborted-too", commit=False)
            await transaction("second", "third", commit=True)
            await events_counted(ledger, 3)

            async def committed() -> bool:
                offsets = await committed_offsets(kafka_settings, TOPICS.verdicts, APP_NAME)
                return offsets.get(0) == 7  # behind the third; its transaction's marker remains

            await eventually_async(committed, describe="the last verdict is committed")
            assert (await signals(kafka_settings))["author-1"].posts == 3
    finally:
        await producer.stop()

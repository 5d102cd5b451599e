"""Escalations come in once, decisions go out at least once under ids that never change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import text

from schemas import (
    TOPICS,
    Action,
    Op,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
)
from tests.support.kafka import committed_offsets, produce, produce_messages, read_messages
from tests.support.waiting import eventually_async
from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, post, verdict
from workers.review.metrics import ReviewMetrics
from workers.review.store import Account, Choice, Outbox, OutboxRow
from workers.review.stream import EscalationConsumer, OutboxRelay, VerdictConsumer, keep_running
from workers.review.stream.consumer import GROUP
from workers.settings import KafkaSettings

pytestmark = pytest.mark.kafka


@pytest.fixture
def metrics() -> ReviewMetrics:
    return ReviewMetrics(CollectorRegistry())


def value(metrics: ReviewMetrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"moderation_review_{name}", labels) or 0.0


@asynccontextmanager
async def running(work: Callable[[], Awaitable[None]]) -> AsyncIterator[asyncio.Task[None]]:
    """The task, as the console runs it; stopped at the end."""
    task = asyncio.create_task(keep_running("under test", work))
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def escalate(kafka: KafkaSettings, *post_ids: str) -> None:
    messages = [escalation(post(post_id)) for post_id in post_ids]
    await produce_messages(
        kafka, TOPICS.escalations, [(message.post.post_id, message) for message in messages]
    )


async def open_posts(store: Store) -> set[str]:
    return {item.post_id for item in await store.queue.open_items()}


async def test_escalations_are_stored_and_then_committed_and_read_once(
    kafka_settings: KafkaSettings, store: Store, metrics: ReviewMetrics
) -> None:
    async def all_committed() -> bool:
        offsets = await committed_offsets(kafka_settings, TOPICS.escalations, GROUP)
        return sum(offsets.values()) == 3

    async def three_stored() -> bool:
        return await open_posts(store) == {"a", "b", "c"}

    async def four_stored() -> bool:
        return await open_posts(store) == {"a", "b", "c", "d"}

    await escalate(kafka_settings, "a", "b", "c")
    async with running(EscalationConsumer(kafka_settings, store.intake, metrics).run):
        await eventually_async(three_stored, describe="three escalations stored")
        await eventually_async(all_committed, describe="their offsets committed")

    await escalate(kafka_settings, "d")
    async with running(EscalationConsumer(kafka_settings, store.intake, metrics).run):
        await eventually_async(four_stored, describe="the fourth stored after a restart")
    assert value(metrics, "escalations_consumed_total") == 4


async def test_what_the_database_refuses_is_not_committed_and_comes_again(
    kafka_settings: KafkaSettings, store: Store, metrics: ReviewMetrics
) -> None:
    async with store.database.writing() as session:
        await session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        )
    await escalate(kafka_settings, "a")
    consumer = EscalationConsumer(kafka_settings, store.intake, metrics)
    with pytest.raises(Exception, match="full"):
        await consumer.run()
    assert await committed_offsets(kafka_settings, TOPICS.escalations, GROUP) == {}

    async with store.database.writing() as session:
        await session.execute(text("DROP TRIGGER full"))

    async def stored() -> bool:
        return await open_posts(store) == {"a"}

    async with running(consumer.run):
        await eventually_async(stored, describe="the escalation stored at the second try")


async def test_an_unreadable_record_is_counted_and_holds_nothing_up(
    kafka_settings: KafkaSettings,
    store: Store,
    metrics: ReviewMetrics,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def stored() -> bool:
        return await open_posts(store) == {"a"}

    broken = b'{"verdict": "secret words"}'
    await produce(kafka_settings, TOPICS.escalations, [(b"a", broken), (b"a", None)])
    await escalate(kafka_settings, "a")
    async with running(EscalationConsumer(kafka_settings, store.intake, metrics).run):
        await eventually_async(stored, describe="the readable escalation stored")

    assert value(metrics, "unreadable_total") == 2
    assert "unreadable record skipped" in caplog.text
    assert "secret words" not in caplog.text


async def test_a_withdrawal_on_the_verdicts_topic_erases_what_was_escalated(
    kafka_settings: KafkaSettings, store: Store, metrics: ReviewMetrics
) -> None:
    async def erased() -> bool:
        return value(metrics, "erased_total", because="withdrawn") == 1

    await store.intake.record([escalation(), escalation(post("stays"))])
    gone = verdict(post(op=Op.DELETE, text=None), status=VerdictStatus.WITHDRAWN)
    await produce_messages(kafka_settings, TOPICS.verdicts, [(gone.post_id, gone)])
    async with running(
        VerdictConsumer(kafka_settings, store.changes, store.statements, metrics).run
    ):
        await eventually_async(erased, describe="the withdrawn post erased")

    assert await open_posts(store) == {"stays"}
    assert value(metrics, "verdicts_consumed_total") == 1


async def decide(store: Store, account: Account, post_id: str) -> None:
    item = escalation(post(post_id))
    await store.intake.record([item])
    claim = await store.queue.claim(item.verdict.verdict_id, account)
    await store.decisions.decide(
        claim.verdict_id, account, claim.number, Choice(Action.REMOVE, ("toxicity",))
    )


async def test_a_decision_reaches_both_topics_and_is_marked(
    kafka_settings: KafkaSettings, store: Store, ada: Account, metrics: ReviewMetrics
) -> None:
    relay = OutboxRelay(kafka_settings, store.outbox, metrics)

    async def all_sent() -> bool:
        return value(metrics, "outbox_relayed_total") == 4

    await decide(store, ada, "before-the-start")
    async with running(relay.run):
        await decide(store, ada, "while-it-runs")
        relay.nudge()
        await eventually_async(all_sent, describe="four records relayed")

    assert await store.outbox.pending() == 0
    decisions = await read_messages(kafka_settings, TOPICS.review_decisions, ReviewDecision)
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert {decision.post_id for decision in decisions} == {"before-the-start", "while-it-runs"}
    assert {decision.reviewer for decision in decisions} == {ada.pseudonym}
    assert [verdict.source for verdict in verdicts] == [VerdictSource.HUMAN] * 2


class DiesBeforeMarking(Outbox):
    """An outbox whose process ends after the broker has acknowledged, before the row is marked."""

    async def mark_sent(self, rows: Sequence[OutboxRow]) -> None:
        raise ConnectionAbortedError(f"killed with {len(rows)} rows sent")


async def test_a_crash_before_marking_sends_again_under_the_same_ids(
    kafka_settings: KafkaSettings, store: Store, ada: Account, metrics: ReviewMetrics
) -> None:
    for number in range(3):
        await decide(store, ada, f"p-{number}")
    dying = DiesBeforeMarking(store.database, store.clock)
    with pytest.raises(ConnectionAbortedError):
        await OutboxRelay(kafka_settings, dying, metrics).run()
    assert await store.outbox.pending() == 6

    async def all_sent() -> bool:
        return await store.outbox.pending() == 0

    async with running(OutboxRelay(kafka_settings, store.outbox, metrics).run):
        await eventually_async(all_sent, describe="all rows marked")

    decisions = await read_messages(kafka_settings, TOPICS.review_decisions, ReviewDecision)
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert len(decisions) == len(verdicts) == 6
    assert len({decision.decision_id for decision in decisions}) == 3
    assert len({verdict.verdict_id for verdict in verdicts}) == 3
    assert len(set(decisions)) == 3, "the second delivery differs from the first"

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
from tests.workers.review.conftest import UNDO_WITHIN, Store
from tests.workers.review.samples import appeal, escalation, post, verdict
from workers.review.metrics import ReviewMetrics
from workers.review.store import Account, Choice, Item, Outbox, OutboxRow
from workers.review.store.outbox import MARKED_WITHIN
from workers.review.stream import (
    AppealConsumer,
    EscalationConsumer,
    OutboxRelay,
    VerdictConsumer,
    keep_running,
)
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
    store.clock.advance(UNDO_WITHIN)


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


async def test_after_a_crash_before_marking_nothing_is_sent_again(
    kafka_settings: KafkaSettings, store: Store, ada: Account, metrics: ReviewMetrics
) -> None:
    for number in range(3):
        await decide(store, ada, f"p-{number}")
    dying = DiesBeforeMarking(store.database, store.clock)
    with pytest.raises(ConnectionAbortedError):
        await OutboxRelay(kafka_settings, dying, metrics).run()
    assert await store.outbox.pending() == 6
    await decide(store, ada, "p-3")

    async def all_sent() -> bool:
        return await store.outbox.pending() == 0

    async with running(OutboxRelay(kafka_settings, store.outbox, metrics).run):
        assert (await store.outbox.take(1, "another")).rows == (), "the dead one may still send"
        store.clock.advance(MARKED_WITHIN)
        await eventually_async(all_sent, describe="all rows marked")

    decisions = await read_messages(kafka_settings, TOPICS.review_decisions, ReviewDecision)
    verdicts = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert sorted(decision.post_id for decision in decisions) == [f"p-{n}" for n in range(4)]
    assert len(verdicts) == 4


async def test_a_relay_that_fails_lets_go_at_once(
    kafka_settings: KafkaSettings, store: Store, ada: Account, metrics: ReviewMetrics
) -> None:
    await decide(store, ada, "p-1")
    unreachable = OutboxRelay(kafka_settings, store.outbox, metrics)

    class Broken:
        async def send(self, *_: object, **__: object) -> None:
            raise ConnectionResetError("the broker went away")

    with pytest.raises(ConnectionResetError):
        await unreachable.relay_once(Broken())
    taken = await store.outbox.take(10, "another")
    assert (len(taken.rows), taken.doubtful_since is not None) == (2, True)


async def test_an_appeal_on_its_topic_is_answered_on_both_others(
    kafka_settings: KafkaSettings, store: Store, ada: Account, ben: Account, metrics: ReviewMetrics
) -> None:
    """The platform's way: it acts on a verdict, passes the author's appeal on, acts again."""
    relay = OutboxRelay(kafka_settings, store.outbox, metrics)
    await decide(store, ada, "p-1")

    async def verdicts(count: int) -> list[Verdict]:
        found = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
        return found if len(found) == count else []

    async def waiting() -> Sequence[Item]:
        return await store.queue.open_items(ben)

    async with (
        running(relay.run),
        running(AppealConsumer(kafka_settings, store.appeals, metrics).run),
    ):
        (contested,) = await eventually_async(lambda: verdicts(1), describe="the removal is told")
        sent = appeal(contested, post("p-1"))
        await produce_messages(kafka_settings, TOPICS.appeals, [("p-1", sent), ("p-1", sent)])
        (item,) = await eventually_async(waiting, describe="the appeal is in the queue")
        claim = await store.queue.claim(item.verdict_id, ben)
        await store.decisions.decide(item.verdict_id, ben, claim.number, Choice(Action.ALLOW))
        store.clock.advance(UNDO_WITHIN)
        relay.nudge()
        both = await eventually_async(lambda: verdicts(2), describe="the reversal is told")

    decisions = await read_messages(kafka_settings, TOPICS.review_decisions, ReviewDecision)
    assert [verdict.action for verdict in both] == [Action.REMOVE, Action.ALLOW]
    assert [decision.reverses for decision in decisions] == [None, contested.verdict_id]
    assert value(metrics, "appeals_total", outcome="opened") == 1
    assert value(metrics, "appeals_total", outcome="repeated") == 1

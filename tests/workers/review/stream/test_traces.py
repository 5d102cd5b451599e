"""One trace from the producer to the verdict and on to what a person decided."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import timedelta

import pytest
from aiokafka import ConsumerRecord
from opentelemetry.sdk.trace import ReadableSpan
from prometheus_client import CollectorRegistry

from schemas import TOPICS, Action, Topic
from tests.support.kafka import read_records
from tests.support.tracing import Traced
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import running_worker
from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation
from workers.client import PostSender
from workers.review.metrics import ReviewMetrics
from workers.review.store import Account, Choice, Consequences, Decisions, Outbox, Traces
from workers.review.store.trace_table import TRACES_KEPT, keep_traces, traces_of
from workers.review.stream import EscalationConsumer, OutboxRelay, keep_running
from workers.settings import KafkaSettings

ITEM = escalation().verdict.verdict_id
SPANS = ["send post", "moderate post", "queue for review", "decide"]


def trace_ids(spans: Iterable[ReadableSpan]) -> set[str]:
    return {f"{span.context.trace_id:032x}" for span in spans}


def decisions_of(store: Store, traces: Traces | None) -> Decisions:
    """A decision is told at once."""
    return Decisions(
        store.database,
        store.audit,
        store.clock,
        Consequences(lambda _item: False),
        undo_within=timedelta(0),
        traces=traces,
    )


async def first(kafka: KafkaSettings, topic: Topic) -> ConsumerRecord:
    """The only record of a topic, once it is there."""
    (record,) = await eventually_async(
        lambda: read_records(kafka, topic), within_seconds=60, describe=f"a record of {topic.name}"
    )
    return record


@pytest.mark.kafka
async def test_one_trace_leads_from_the_producer_to_the_verdict_and_to_the_review(
    kafka_settings: KafkaSettings, store: Store, ada: Account
) -> None:
    traced, metrics = Traced(), ReviewMetrics(CollectorRegistry())
    traces = Traces(traced.tracing, store.database, store.clock)
    async with PostSender(kafka_settings, tracing=traced.tracing) as sender:
        await sender.send(make_post())
    async with running_worker(kafka_settings, tracing=traced.tracing, audit_sample_rate=1.0):
        verdict = await first(kafka_settings, TOPICS.verdicts)
        escalated = await first(kafka_settings, TOPICS.escalations)
    assert verdict.headers == escalated.headers

    async def waiting() -> bool:
        return bool(await store.queue.open_items()) and len(traced.spans()) == len(SPANS) - 1

    consumer = EscalationConsumer(kafka_settings, store.intake, metrics, traces)
    relay = OutboxRelay(kafka_settings, store.outbox, metrics, traces)
    tasks = [
        asyncio.create_task(keep_running("console", work)) for work in (consumer.run, relay.run)
    ]
    try:
        await eventually_async(waiting, within_seconds=60, describe="an item in the queue")
        (item,) = await store.queue.open_items()
        claim = await store.queue.claim(item.verdict_id, ada)
        choice = Choice(Action.REMOVE, ("toxicity",))
        await decisions_of(store, traces).decide(item.verdict_id, ada, claim.number, choice)
        relay.nudge()
        decision = await first(kafka_settings, TOPICS.review_decisions)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    spans = traced.spans()
    assert [span.name for span in spans] == SPANS
    assert len(trace_ids(spans)) == 1
    parents = [span.parent and span.parent.span_id for span in spans]
    assert parents == [None, *(span.context.span_id for span in spans[:-1])]
    (told,) = [value for name, value in decision.headers if name == "traceparent"]
    assert told.decode().split("-")[1:3] == [
        *trace_ids(spans),
        f"{spans[-1].context.span_id:016x}",
    ]


async def test_spans_of_the_console_name_neither_content_nor_people(
    store: Store, ada: Account
) -> None:
    traced = Traced()
    traces = Traces(traced.tracing, store.database, store.clock)
    of = escalation()
    await store.intake.record([of])
    await traces.queued([(of, ())])
    claim = await store.queue.claim(ITEM, ada)
    choice = Choice(Action.REMOVE, ("toxicity",), "a note of hers")
    await decisions_of(store, traces).decide(ITEM, ada, claim.number, choice)
    told = [str(value) for span in traced.spans() for value in (span.attributes or {}).values()]
    post = of.post
    secrets = (post.text or "", post.author_id, post.post_id, "a note of hers", ada.pseudonym)
    assert len(traced.spans()) == 2
    assert not [secret for secret in secrets for value in told if secret in value]


async def test_without_tracing_records_of_decisions_carry_no_trace(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation()])
    claim = await store.queue.claim(ITEM, ada)
    choice = Choice(Action.REMOVE, ("toxicity",))
    decision = await decisions_of(store, None).decide(ITEM, ada, claim.number, choice)
    async with store.database.reading() as session:
        assert await traces_of(session, [ITEM, decision.decision_id]) == {}
    assert (await Outbox(store.database, store.clock).take(10, "relay")).rows


async def test_what_ties_a_trace_together_is_not_kept_for_ever(store: Store) -> None:
    async with store.database.writing() as session:
        await keep_traces(session, {ITEM: b"00-old"}, store.clock())
    store.clock.advance(TRACES_KEPT + timedelta(seconds=1))
    await Traces(Traced().tracing, store.database, store.clock).queued([])
    async with store.database.reading() as session:
        assert await traces_of(session, [ITEM]) == {}

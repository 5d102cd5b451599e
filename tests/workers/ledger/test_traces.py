"""The ledger shows in the traces of what it counts, and begins none of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from schemas import TOPICS, Verdict
from tests.support.kafka import produce_messages, started_producer
from tests.support.tracing import TRACEPARENT, collector
from tests.support.waiting import eventually
from tests.workers.ledger.process import running_ledger
from tests.workers.ledger.records import a_verdict
from workers.settings import KafkaSettings


async def produce_traced(kafka: KafkaSettings, verdict: Verdict) -> None:
    async with started_producer(kafka) as producer:
        await producer.send_and_wait(
            kafka.topic(TOPICS.verdicts),
            key=verdict.post_id.encode(),
            value=verdict.to_bytes(),
            headers=[("traceparent", TRACEPARENT)],
        )


def test_a_counted_verdict_shows_in_its_posts_trace(
    embedded_kafka: KafkaSettings, tmp_path: Path
) -> None:
    traced, untraced = a_verdict(post="traced"), a_verdict(post="untraced")
    with collector() as taken:
        untold = [(untraced.post_id, untraced)]
        asyncio.run(produce_messages(embedded_kafka, TOPICS.verdicts, untold))
        asyncio.run(produce_traced(embedded_kafka, traced))
        settings = {
            "MODERATION_LEDGER_STORE": "memory",
            "MODERATION_TRACING_ENDPOINT": taken.url,
            "MODERATION_TRACING_SAMPLE_RATIO": "1",
        }
        with running_ledger(embedded_kafka, tmp_path / "ledger", settings) as ledger:
            eventually(lambda: ledger.metric("moderation_ledger_author_signals_total") == 2)
            assert ledger.stop() == 0
    (span,) = taken.spans
    assert span.name == "count verdict"
    assert f"{span.trace_id.hex()}-{span.parent_span_id.hex()}".encode() in TRACEPARENT
    assert taken.services == {"moderation-ledger"}

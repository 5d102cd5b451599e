"""What tests do with ledgers on Kafka, in one call each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import ConsumerRecord

from schemas import TOPICS, AuthorSignals, ReviewDecision, Topic, Verdict
from tests.support.kafka import committed_offsets, produce_messages, read_records
from tests.support.waiting import eventually_async
from tests.workers.ledger.process import LedgerProcess, running_ledger
from workers.ledger import LedgerSettings
from workers.ledger.topics import APP_NAME, ledger_topics
from workers.settings import KafkaSettings

PATIENCE_SECONDS = 120.0
"""A rebalance of two ledgers takes ten on an idle machine."""


@asynccontextmanager
async def a_ledger(kafka: KafkaSettings, folder: Path) -> AsyncIterator[LedgerProcess]:
    """A ledger that is ready, stopped at the end."""
    # Short, because a killed ledger's partitions are free only after it; long enough that a busy
    # machine, on which the start alone takes six seconds, still sends its heartbeats in time.
    running = running_ledger(kafka, folder, {"MODERATION_LEDGER_SESSION_TIMEOUT_SECONDS": "12"})
    ledger = await asyncio.to_thread(running.__enter__)
    try:
        yield ledger
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)


async def send(kafka: KafkaSettings, topic: Topic, *messages: Verdict | ReviewDecision) -> None:
    await produce_messages(kafka, topic, [(one.post_id, one) for one in messages])


async def signals(kafka: KafkaSettings) -> dict[str, AuthorSignals]:
    """The newest signals of each author."""
    return {
        one.author_id: one for one in map(_read, await read_records(kafka, TOPICS.author_signals))
    }


def _read(record: ConsumerRecord) -> AuthorSignals:
    read = AuthorSignals.from_bytes(record.value)
    assert record.key == read.author_id.encode()
    return read


async def events_counted(ledger: LedgerProcess, count: int) -> None:
    async def counted() -> bool:
        seen = await asyncio.to_thread(ledger.metric, "moderation_ledger_author_signals_total")
        return seen >= count

    await eventually_async(
        counted, within_seconds=PATIENCE_SECONDS, describe=f"{count} events counted"
    )


def audited(ledger: LedgerProcess) -> tuple[float, float]:
    """Sampled verdicts, and those with an answer."""
    name = "moderation_ledger_audit_verdicts"
    return ledger.metric(name, state="drawn"), ledger.metric(name, state="answered")


async def all_counted(kafka: KafkaSettings) -> None:
    """Wait until the ledger has committed every record of its inputs, then of what they became."""
    own = ledger_topics(LedgerSettings())
    for topic in (TOPICS.verdicts, TOPICS.review_decisions, own.by_author):

        async def committed(topic: Topic = topic) -> bool:
            records = await read_records(kafka, topic)
            offsets = await committed_offsets(kafka, topic, APP_NAME)
            return sum(offsets.values()) == len(records)

        await eventually_async(
            committed, within_seconds=PATIENCE_SECONDS, describe=f"all of {topic.name} committed"
        )

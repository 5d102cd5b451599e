"""Two ledgers share the partitions on real Kafka: one joins, one leaves, nothing counts twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from schemas import TOPICS, Action, Verdict
from tests.support.waiting import eventually_async
from tests.workers.ledger.process import LedgerProcess
from tests.workers.ledger.records import NOT_SAMPLED, a_verdict, sampled
from tests.workers.ledger.steps import (
    PATIENCE_SECONDS,
    a_ledger,
    all_counted,
    audited,
    send,
    signals,
)
from workers.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(900)]  # two starts, two rebalances

AUTHORS = 12
DRAWN = 5


def verdicts(first: int, last: int) -> list[Verdict]:
    """Removals of twelve authors in turn; the first five posts are in the audit sample."""
    return [
        a_verdict(
            Action.REMOVE,
            post=f"post-{number}",
            author=f"author-{number % AUTHORS}",
            sampling=sampled() if number < DRAWN else NOT_SAMPLED,
        )
        for number in range(first, last)
    ]


async def held_once(*ledgers: LedgerProcess) -> None:
    """Wait until the ledgers hold every author and the whole sample between them, each once."""

    async def agreed() -> bool:
        samples = [await asyncio.to_thread(audited, one) for one in ledgers]
        authors = [
            await asyncio.to_thread(one.metric, "moderation_ledger_authors") for one in ledgers
        ]
        return (sum(drawn for drawn, _ in samples), sum(authors)) == (DRAWN, AUTHORS)

    await eventually_async(
        agreed, within_seconds=PATIENCE_SECONDS, describe="authors and sample are held once in all"
    )


async def counted_times(kafka: KafkaSettings, posts: int) -> None:
    """Wait until every author has as many posts."""

    async def counted() -> bool:
        found = await signals(kafka)
        return {one.posts for one in found.values()} == {posts}

    await eventually_async(
        counted, within_seconds=PATIENCE_SECONDS, describe=f"{posts} posts of each author"
    )


async def test_nothing_counts_twice_when_another_ledger_joins_and_the_first_leaves(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    await send(kafka_settings, TOPICS.verdicts, *verdicts(0, 24))
    async with a_ledger(kafka_settings, tmp_path / "first") as first:
        await all_counted(kafka_settings)
        async with a_ledger(kafka_settings, tmp_path / "second") as second:
            await send(kafka_settings, TOPICS.verdicts, *verdicts(0, 36))
            await all_counted(kafka_settings)
            await held_once(first, second)
            assert await asyncio.to_thread(first.stop) == 0
            await send(kafka_settings, TOPICS.verdicts, *verdicts(0, 48))
            await counted_times(kafka_settings, 4)
            await all_counted(kafka_settings)
            await held_once(second)

    found = await signals(kafka_settings)
    assert len(found) == AUTHORS
    assert {(one.posts, one.removals) for one in found.values()} == {(4, 4)}

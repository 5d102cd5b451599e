"""A worker that starts says truthfully how far it is, and what it misses."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime
from itertools import count

import pytest
from yarl import URL

from schemas import TOPICS, AuthorSignals, Verdict
from tests.support.kafka import (
    produce,
    produce_messages,
    produce_posts,
    read_messages,
    unique_settings,
)
from tests.support.waiting import eventually_async
from tests.workers.moderator.making import make_post
from tests.workers.moderator.running import running_worker
from workers.moderator.errors import StartError
from workers.settings import KafkaSettings
from workers.streams import StatusServerError

pytestmark = pytest.mark.kafka


def signals(author_id: str, strikes: int) -> AuthorSignals:
    return AuthorSignals(
        author_id=author_id, posts=9, strikes=strikes, updated_at=datetime.now(UTC)
    )


async def test_worker_is_ready_with_its_model_warm_and_its_partitions_assigned(
    kafka_settings: KafkaSettings,
) -> None:
    async with running_worker(kafka_settings) as worker:
        await worker.is_ready()
        assert await worker.status("/healthz") == (200, [])
        version = worker.started.policy
        assert await worker.metric("moderation_policy_info", version=version) == 1
        assert await worker.metric("moderation_model_info", version="constant@1") == 1
        assert await worker.metric("moderation_rebalances_total") == 1
        assert await worker.metric("moderation_rebalance_seconds_count") == 1


async def test_worker_without_a_partition_is_not_ready_and_says_why(
    kafka_settings: KafkaSettings,
) -> None:
    async with AsyncExitStack() as workers:
        crowd = [
            await workers.enter_async_context(running_worker(kafka_settings)) for _ in range(7)
        ]

        async def reasons() -> list[str]:
            return [reason for worker in crowd for reason in (await worker.status("/readyz"))[1]]

        async def one_is_idle() -> bool:
            return await reasons() == [
                "no partition is assigned: the group has more workers than partitions"
            ]

        await eventually_async(one_is_idle, within_seconds=60)


async def test_missing_topics_are_told_by_name_with_what_to_do(apache_kafka: str) -> None:
    kafka = unique_settings(apache_kafka)
    with pytest.raises(StartError, match=r"\.verdicts.*`moderation topics create`"):
        async with running_worker(kafka):
            pass


async def test_port_that_is_taken_is_told(kafka_settings: KafkaSettings) -> None:
    async with running_worker(kafka_settings) as worker:
        port = URL(worker.started.url).port
        with pytest.raises(StatusServerError, match=f"{port}"):
            async with running_worker(kafka_settings, http_port=port):
                pass


async def labels_of(kafka: KafkaSettings, author_id: str) -> set[str]:
    """The labels of all verdicts on an author's posts."""
    verdicts = await read_messages(kafka, TOPICS.verdicts, Verdict)
    return {
        label for verdict in verdicts if verdict.author_id == author_id for label in verdict.labels
    }


async def test_policy_knows_what_the_ledger_said_about_authors_before_the_start(
    kafka_settings: KafkaSettings,
) -> None:
    said = [("ann", signals("ann", 3)), ("bob", signals("bob", 3)), ("bob", signals("bob", 0))]
    await produce_messages(kafka_settings, TOPICS.author_signals, said)
    posts = [make_post(f"by-{name}", author_id=name) for name in ("ann", "bob", "cid")]
    await produce_posts(kafka_settings, TOPICS.posts, posts)
    async with running_worker(kafka_settings) as worker:
        await worker.reaches("moderation_verdicts_total", 3)
    assert await labels_of(kafka_settings, "ann") == {"repeat_offender"}
    assert await labels_of(kafka_settings, "bob") == set()
    assert await labels_of(kafka_settings, "cid") == set()


async def test_policy_learns_what_the_ledger_says_while_the_worker_runs(
    kafka_settings: KafkaSettings,
) -> None:
    async with running_worker(kafka_settings) as worker:
        await worker.is_ready()
        broken = [(b"ann", b"{"), (b"\xff", None)]
        await produce(kafka_settings, TOPICS.author_signals, broken)
        await produce_messages(kafka_settings, TOPICS.author_signals, [("ann", signals("ann", 3))])
        revisions = count(1)

        async def known() -> bool:
            post = make_post("by-ann", author_id="ann", revision=next(revisions))
            await produce_posts(kafka_settings, TOPICS.posts, [post])
            return await labels_of(kafka_settings, "ann") == {"repeat_offender"}

        await eventually_async(known, within_seconds=30)

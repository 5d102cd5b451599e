"""What reviewers decided about posts: it outranks every machine until the content changes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from rules import HumanDecision
from schemas import TOPICS, ReviewDecision
from workers.moderator.resources import started
from workers.moderator.rules_stage import Clock, HumanLookup
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import TopicFollower
from workers.moderator.topic_store import TopicStore
from workers.settings import KafkaSettings
from workers.streams import describe_topics, make_consumer


@asynccontextmanager
async def human_decisions(
    settings: ModeratorSettings, kafka: KafkaSettings, folder: Path, thread: Executor, clock: Clock
) -> AsyncIterator[tuple[TopicFollower[ReviewDecision], HumanLookup]]:
    """The follower of ``review-decisions``, which somebody must run, and what asks its store.

    Posts are keyed by author and decisions by post, so every worker follows the whole topic.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        folder: for the store.
        thread: one thread, on which the store is filled and must be asked.
        clock: for expiry.

    Raises:
        StartError: the broker does not let the worker in.
    """
    async with AsyncExitStack() as stack:
        store = TopicStore(
            folder / "review-decisions.db",
            ReviewDecision,
            lambda decision: decision.decided_at,
            timedelta(days=settings.decisions_days),
        )
        stack.callback(store.close)
        (topic,) = await describe_topics(kafka, [TOPICS.review_decisions])
        consumer = await stack.enter_async_context(
            started(make_consumer(kafka, client_id="moderation-worker-decisions"))
        )
        follower = TopicFollower(
            consumer,
            topic.name,
            store,
            partitions=frozenset(range(topic.partitions)),
            thread=thread,
            clock=clock,
            wait_seconds=settings.signals_wait_seconds,
        )

        def latest(post_id: str, now: datetime) -> HumanDecision | None:
            decision = store.get(post_id, now)
            return None if decision is None else as_human(decision)

        yield follower, latest


def as_human(decision: ReviewDecision) -> HumanDecision:
    """The decision as the policy engine takes it."""
    return HumanDecision(
        action=decision.action,
        revision=decision.revision,
        decided_at=decision.decided_at,
        content_hash=decision.content_hash,
    )

"""What the ledger said about the authors whose posts are ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

from schemas import TOPICS, AuthorSignals
from workers.moderator.resources import started
from workers.moderator.rules_stage import AuthorLookup, Clock
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import TopicFollower
from workers.moderator.topic_store import TopicStore
from workers.settings import KafkaSettings
from workers.streams import make_consumer


@asynccontextmanager
async def author_signals(
    settings: ModeratorSettings, kafka: KafkaSettings, folder: Path, thread: Executor, clock: Clock
) -> AsyncIterator[tuple[TopicFollower[AuthorSignals], AuthorLookup]]:
    """The follower of ``author-signals``, which somebody must run, and what asks its store.

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
            folder / "author-signals.db",
            AuthorSignals,
            lambda signals: signals.updated_at,
            timedelta(days=settings.signals_days),
        )
        stack.callback(store.close)
        consumer = await stack.enter_async_context(
            started(make_consumer(kafka, client_id="moderation-worker-signals"))
        )
        follower = TopicFollower(
            consumer,
            kafka.topic(TOPICS.author_signals),
            store,
            thread=thread,
            clock=clock,
            wait_seconds=settings.signals_wait_seconds,
        )
        yield follower, store.get

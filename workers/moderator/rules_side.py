"""The rules side of the worker: who judges, and what the judgement needs to know."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rules import Policy
from schemas import TOPICS, AuthorSignals
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.resources import started, threads
from workers.moderator.rulebook import Rulebook, edition_of
from workers.moderator.rules_stage import AuthorLookup, Clock, RulesStage
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import TopicFollower
from workers.moderator.topic_store import TopicStore
from workers.settings import KafkaSettings
from workers.streams import make_consumer


@dataclass(frozen=True, slots=True)
class RulesSide:
    """What the rest of the worker sees of the rules."""

    stage: RulesStage
    rulebook: Rulebook
    signals: TopicFollower[AuthorSignals] | None
    """Of authors, if they are used; somebody must run it."""


@asynccontextmanager
async def rules_side(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    policy: Policy,
    *,
    model: str,
    metrics: WorkerMetrics,
    clock: Clock,
) -> AsyncIterator[RulesSide]:
    """The rules stage with all that it leans on.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        policy: judges first.
        model: version of the model whose scores are judged.
        metrics: of the worker.
        clock: the time of the verdicts.
    """
    async with AsyncExitStack() as stack:
        # One thread: CEL holds the interpreter, and the store of signals is used on it alone.
        thread = stack.enter_context(threads("rules", 1))
        rulebook = Rulebook(edition_of(policy, model=model))
        metrics.policy_info.labels(rulebook.current.versions.policy).set(1)
        signals, author = await stack.enter_async_context(_signals(settings, kafka, thread, clock))
        stage = RulesStage(
            rulebook, author, audit_rate=settings.audit_sample_rate, thread=thread, clock=clock
        )
        yield RulesSide(stage, rulebook, signals)


@asynccontextmanager
async def _signals(
    settings: ModeratorSettings, kafka: KafkaSettings, thread: ThreadPoolExecutor, clock: Clock
) -> AsyncIterator[tuple[TopicFollower[AuthorSignals] | None, AuthorLookup]]:
    if not settings.author_signals:
        yield None, lambda _author_id, _now: None
        return
    async with AsyncExitStack() as stack:
        folder = settings.signals_dir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="moderation-signals-"))
        )
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

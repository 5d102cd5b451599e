"""The rules side of the worker: who judges, and what the judgement needs to know."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from schemas import TOPICS, AuthorSignals
from workers.moderator.beside import Beside
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.resources import started, threads
from workers.moderator.rulebook import (
    FileWatch,
    OpenedPolicy,
    PolicyFollower,
    PolicyMetrics,
    Reloader,
    Rulebook,
    edition_of,
)
from workers.moderator.rules_stage import AuthorLookup, Clock, RulesStage
from workers.moderator.sampling import plan_of
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
    reloader: Reloader
    beside: Beside
    """What somebody must run for the rules to stay up to date."""


@asynccontextmanager
async def rules_side(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    opened: OpenedPolicy,
    *,
    model: str,
    metrics: WorkerMetrics,
    clock: Clock,
) -> AsyncIterator[RulesSide]:
    """The rules stage with all that it leans on.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        opened: the policy that judges first.
        model: version of the model whose scores are judged.
        metrics: of the worker.
        clock: the time of the verdicts.
    """
    async with AsyncExitStack() as stack:
        # One thread: CEL holds the interpreter, and the store of signals is used on it alone.
        thread = stack.enter_context(threads("rules", 1))
        make = partial(edition_of, model=model)
        rulebook = Rulebook(make(opened.policy))
        loading = stack.enter_context(threads("policy", 1))
        reloader = Reloader(
            rulebook, make, thread=loading, metrics=PolicyMetrics(metrics.registry), clock=clock
        )
        beside = await stack.enter_async_context(_policy_changes(settings, kafka, opened, reloader))
        signals, author = await stack.enter_async_context(_signals(settings, kafka, thread, clock))
        if signals is not None:
            beside.loops.append(signals.run)
            beside.gates.append(signals.gate)
            beside.on_assigned.append(signals.assigned)
        stage = RulesStage(
            rulebook, author, audit=plan_of(settings), thread=thread, clock=clock
        )
        yield RulesSide(stage, rulebook, reloader, beside)


@asynccontextmanager
async def _policy_changes(
    settings: ModeratorSettings, kafka: KafkaSettings, opened: OpenedPolicy, reloader: Reloader
) -> AsyncIterator[Beside]:
    """One source of changes: the topic where it is followed, else the file that was named."""
    if settings.follow_policy is not None:
        client = make_consumer(kafka, client_id="moderation-worker-policies")
        async with started(client) as consumer:
            topic = kafka.topic(TOPICS.policies)
            follower = PolicyFollower(consumer, topic, settings.follow_policy, reloader)
            yield Beside(loops=[follower.run], gates=[follower.gate])
    elif opened.place is not None:
        watch = FileWatch(opened, reloader, every_seconds=settings.policy_poll_seconds)
        yield Beside(loops=[watch.run])
    else:
        yield Beside()


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

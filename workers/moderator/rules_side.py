"""The rules side of the worker: who judges, and what the judgement needs to know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from moderation.scoring import PostScorer
from schemas import TOPICS
from workers.moderator.beside import Beside
from workers.moderator.brake_metrics import BrakeMetrics
from workers.moderator.known import Known, what_is_known
from workers.moderator.looking import look_now_and_then
from workers.moderator.metrics import WorkerMetrics
from workers.moderator.named_banks import NamedBanks
from workers.moderator.named_categories import NamedCategories
from workers.moderator.quota_sharing import quota_sharing, worker_name
from workers.moderator.resources import threads
from workers.moderator.rulebook import (
    WAIT_SECONDS,
    FileWatch,
    OpenedPolicy,
    PolicyMetrics,
    PublishedPolicy,
    Reloader,
    Rulebook,
    edition_of,
)
from workers.moderator.rules_stage import Clock, RulesStage
from workers.moderator.sampling import plan_of
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import followed
from workers.quotas import SharedLedger
from workers.settings import KafkaSettings


@dataclass(frozen=True, slots=True)
class RulesSide:
    """What the rest of the worker sees of the rules."""

    stage: RulesStage
    rulebook: Rulebook
    known: Known
    reloader: Reloader
    beside: Beside
    """What somebody must run for the rules to stay up to date."""


@asynccontextmanager
async def rules_side(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    opened: OpenedPolicy,
    *,
    scorer: PostScorer,
    metrics: WorkerMetrics,
    clock: Clock,
) -> AsyncIterator[RulesSide]:
    """The rules stage with all that it leans on.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        opened: the policy that judges first.
        scorer: whose scores are judged, and about whose vectors banks are asked.
        metrics: of the worker.
        clock: the time of the verdicts.
    """
    async with AsyncExitStack() as stack:
        # One thread: CEL holds the interpreter, and what is known of authors, of reviewers and of
        # recent texts is used on it alone.
        thread = stack.enter_context(threads("rules", 1))
        ledger = SharedLedger(worker_name())
        make = partial(edition_of, model=scorer.version, ledger=ledger)
        rulebook = Rulebook(make(opened.policy))
        loading = stack.enter_context(threads("policy", 1))
        reloader = Reloader(
            rulebook, make, thread=loading, metrics=PolicyMetrics(metrics.registry), clock=clock
        )
        beside = await stack.enter_async_context(_policy_changes(settings, kafka, opened, reloader))
        exchange = await stack.enter_async_context(
            quota_sharing(settings, kafka, ledger, beside, clock=clock)
        )
        brakes = BrakeMetrics(metrics.registry, rulebook, alone=lambda: exchange.alone, clock=clock)
        known = await stack.enter_async_context(
            what_is_known(
                settings,
                kafka,
                facts=lambda: rulebook.current.facts,
                beside=beside,
                thread=thread,
                registry=metrics.registry,
                encoder=scorer.encoder,
                clock=clock,
            )
        )
        named = NamedBanks(metrics.registry, rulebook, known.bank_kinds)
        categories = NamedCategories(metrics.registry, rulebook, scorer.categories)
        beside.loops.append(partial(look_now_and_then, named.look, categories.look))
        stage = RulesStage(
            rulebook,
            known.author,
            human=known.human,
            banks=known.banks,
            near=known.near,
            audit=plan_of(settings),
            on_alarm=brakes.alarm,
            thread=thread,
            clock=clock,
        )
        yield RulesSide(stage, rulebook, known, reloader, beside)


@asynccontextmanager
async def _policy_changes(
    settings: ModeratorSettings, kafka: KafkaSettings, opened: OpenedPolicy, reloader: Reloader
) -> AsyncIterator[Beside]:
    """One source of changes: the topic where it is followed, else the file that was named."""
    beside = Beside()
    if settings.follow_policy is not None:
        policy = PublishedPolicy(settings.follow_policy, reloader)
        async with followed(
            kafka, TOPICS.policies, [policy], into=beside, whole=True, wait_seconds=WAIT_SECONDS
        ):
            yield beside
        return
    if opened.place is not None:
        watch = FileWatch(opened, reloader, every_seconds=settings.policy_poll_seconds)
        beside.loops.append(watch.run)
    yield beside

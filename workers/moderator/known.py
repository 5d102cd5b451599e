"""What is known besides a post and its scores: author, decisions, banks, recent texts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from rules.banks import BankKind
from workers.moderator.author_signals import author_signals
from workers.moderator.banks import WorkerBanks
from workers.moderator.beside import Beside
from workers.moderator.fingerprints import Fingerprinter
from workers.moderator.human_decisions import human_decisions
from workers.moderator.near_duplicates import FACT, NearDuplicates
from workers.moderator.rules_stage import AuthorLookup, Clock, HumanLookup, undecided, unknown
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import TopicFollower
from workers.settings import KafkaSettings

Facts = Callable[[], frozenset[str]]
"""What the policy in force may ask for."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the rules stage asks."""

    author: AuthorLookup
    human: HumanLookup
    banks: WorkerBanks | None
    near: NearDuplicates | None
    fingerprinter: Fingerprinter
    """Takes for each post what banks and policy need."""


@asynccontextmanager
async def what_is_known(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    *,
    facts: Facts,
    beside: Beside,
    thread: Executor,
    registry: CollectorRegistry,
    clock: Clock,
) -> AsyncIterator[Known]:
    """Everything that the settings ask for, opened; it closes at the end.

    Args:
        settings: of the worker.
        kafka: how to reach the broker.
        facts: what the policy in force may ask for.
        beside: gets what must run for it to stay up to date.
        thread: one thread, on which it must be asked.
        registry: of the worker's metrics.
        clock: for expiry.

    Raises:
        StartError: a bank cannot be used, or the broker does not let the worker in.
    """
    async with AsyncExitStack() as stack:
        folder = settings.signals_dir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="moderation-known-"))
        )
        opened = (settings, kafka, folder, thread, clock)
        author: AuthorLookup = unknown
        human: HumanLookup = undecided
        if settings.author_signals:
            signals, author = await stack.enter_async_context(author_signals(*opened))
            _follow(beside, signals)
        if settings.human_decisions:
            decisions, human = await stack.enter_async_context(human_decisions(*opened))
            _follow(beside, decisions)
        banks = None
        if settings.banks is not None:
            banks = await asyncio.to_thread(WorkerBanks, settings.banks, registry)
            beside.loops.append(partial(banks.follow, settings.banks_seconds))
        near_texts = settings.near_duplicate_texts
        fingerprinter = Fingerprinter(partial(_kinds, banks, facts if near_texts else frozenset))
        near = None
        if near_texts:
            near = NearDuplicates(near_texts, settings.near_duplicate_seconds, fingerprinter)
        yield Known(author, human, banks, near, fingerprinter)


def _follow(beside: Beside, follower: TopicFollower[Any]) -> None:
    beside.loops.append(follower.run)
    beside.gates.append(follower.gate)
    beside.on_assigned.append(follower.assigned)


def _kinds(banks: WorkerBanks | None, facts: Facts) -> frozenset[BankKind]:
    """The fingerprints that somebody needs at the moment."""
    known = frozenset[BankKind]() if banks is None else banks.kinds
    return known | {BankKind.NEAR_TEXT} if FACT in facts() else known

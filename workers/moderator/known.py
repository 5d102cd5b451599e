"""What is known besides a post and its scores: author, decisions, banks, recent texts."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from rules import HumanDecision
from rules.banks import BankKind
from schemas import TOPICS, AuthorSignals, ReviewDecision
from workers.moderator.bank_words import BankWords
from workers.moderator.banks import WorkerBanks
from workers.moderator.beside import Beside
from workers.moderator.fingerprints import Fingerprinter
from workers.moderator.latest_messages import LatestMessages
from workers.moderator.near_duplicates import FACT, NearDuplicates
from workers.moderator.rules_stage import AuthorLookup, Clock, HumanLookup, undecided, unknown
from workers.moderator.settings import ModeratorSettings
from workers.moderator.topic_follower import Listener, followed
from workers.moderator.topic_store import TopicStore
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

    def bank_kinds(self) -> Mapping[str, BankKind]:
        """Of the banks in force, by their names."""
        return {} if self.banks is None else self.banks.by_name


@asynccontextmanager
async def what_is_known(
    settings: ModeratorSettings,
    kafka: KafkaSettings,
    *,
    facts: Facts,
    beside: Beside,
    thread: Executor,
    registry: CollectorRegistry,
    encoder: str | None,
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
        encoder: version of the model whose vectors banks are asked about, if there is one.
        clock: for expiry.

    Raises:
        StartError: a bank cannot be used, or the broker does not let the worker in.
    """
    async with AsyncExitStack() as stack:
        folder = settings.signals_dir or Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="moderation-known-"))
        )
        latest = partial(LatestMessages, thread=thread, clock=clock)
        wait = settings.signals_wait_seconds
        author: AuthorLookup = unknown
        human: HumanLookup = undecided
        if settings.author_signals:
            signals = _signals(folder, settings)
            stack.callback(signals.close)
            author = signals.find
            await stack.enter_async_context(
                followed(
                    kafka,
                    TOPICS.author_signals,
                    [latest(signals)],
                    into=beside,
                    whole=False,
                    wait_seconds=wait,
                )
            )
        banks = None
        if settings.banks is not None:
            banks = await asyncio.to_thread(WorkerBanks, settings.banks, registry, encoder=encoder)
            beside.loops.append(partial(banks.follow, settings.banks_seconds))
        listeners: list[Listener] = []
        if settings.human_decisions:
            decisions = _decisions(folder, settings)
            stack.callback(decisions.close)
            human = partial(_latest_words, decisions)
            listeners.append(latest(decisions))
        if settings.banks is not None and settings.bank_words:
            words = BankWords(settings.banks, registry)
            listeners.append(words)
            beside.loops.append(partial(words.follow, settings.banks_seconds))
        if listeners:
            await stack.enter_async_context(
                followed(
                    kafka,
                    TOPICS.review_decisions,
                    listeners,
                    into=beside,
                    whole=True,
                    wait_seconds=wait,
                )
            )
        near_texts = settings.near_duplicate_texts
        fingerprinter = Fingerprinter(partial(_kinds, banks, facts if near_texts else frozenset))
        near = None
        if near_texts:
            near = NearDuplicates(near_texts, settings.near_duplicate_seconds, fingerprinter)
        yield Known(author, human, banks, near, fingerprinter)


def _signals(folder: Path, settings: ModeratorSettings) -> TopicStore[AuthorSignals]:
    """What the ledger said about the authors whose posts are ours."""
    return TopicStore(
        folder / "author-signals.db",
        AuthorSignals,
        lambda signals: signals.updated_at,
        timedelta(days=settings.signals_days),
    )


def _decisions(folder: Path, settings: ModeratorSettings) -> TopicStore[ReviewDecision]:
    """What reviewers decided about posts: it outranks every machine until the content changes."""
    return TopicStore(
        folder / "review-decisions.db",
        ReviewDecision,
        lambda decision: decision.decided_at,
        timedelta(days=settings.decisions_days),
    )


def _latest_words(
    decisions: TopicStore[ReviewDecision], post_ids: Iterable[str], now: datetime
) -> dict[str, HumanDecision]:
    """The latest decision about each post, as the policy engine takes it."""
    return {
        post_id: HumanDecision(
            action=decision.action,
            revision=decision.revision,
            decided_at=decision.decided_at,
            content_hash=decision.content_hash,
        )
        for post_id, decision in decisions.find(post_ids, now).items()
    }


def _kinds(banks: WorkerBanks | None, facts: Facts) -> frozenset[BankKind]:
    """The fingerprints that somebody needs at the moment."""
    known = frozenset[BankKind]() if banks is None else banks.kinds
    return known | {BankKind.NEAR_TEXT} if FACT in facts() else known

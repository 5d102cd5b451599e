"""The rules stage: look up what is known of a post, let the policy decide, write the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from rules import Case, HitRateAlarm, HumanDecision
from rules.banks import text_keys
from rules.matchers import Folder
from schemas import AuthorSignals, Post, content_hash
from workers.audit_plan import AuditPlan
from workers.moderator.banks import BankFindings, Vectors, WorkerBanks
from workers.moderator.fingerprints import Fingerprints
from workers.moderator.judge import Circumstances, Judgement, judge, withdrawal
from workers.moderator.near_duplicates import FACT, NearDuplicates
from workers.moderator.records import Arrival
from workers.moderator.rulebook import Edition, Rulebook

if TYPE_CHECKING:
    from moderation.scoring import PostScores

CAMPAIGN_FACTS: Final = frozenset({"author.campaign_authors", "author.campaign_posts"})
"""What policies call what the ledger finds out by the keys of texts. They are taken only for a
policy that asks."""

Clock = Callable[[], datetime]
"""The time, with its offset from UTC."""

AuthorLookup = Callable[[Iterable[str], datetime], Mapping[str, AuthorSignals]]
"""What is known about authors at a time, by id. Blocking; called on the rules thread only."""


HumanLookup = Callable[[Iterable[str], datetime], Mapping[str, HumanDecision]]
"""What a reviewer last decided about posts, by id, likewise."""


def unknown(_author_ids: Iterable[str], _now: datetime) -> Mapping[str, AuthorSignals]:
    """Where nobody follows the ledger, no author is known."""
    return {}


def unheeded(_alarm: HitRateAlarm) -> None:
    """Where nobody watches hit rates, an alarm is for nobody."""


def undecided(_post_ids: Iterable[str], _now: datetime) -> Mapping[str, HumanDecision]:
    """Where nobody follows the reviewers, no post has been decided."""
    return {}


@dataclass(frozen=True, slots=True)
class _Group:
    """What is the same for a group of posts: who judges them, and what is known of them."""

    edition: Edition
    stages: Mapping[str, float]
    authors: Mapping[str, AuthorSignals]
    decisions: Mapping[str, HumanDecision]


class _Asked(NamedTuple):
    """What is told of one post of a group."""

    arrival: Arrival
    scores: PostScores
    prints: Fingerprints
    findings: BankFindings
    keys: tuple[str, ...]


class RulesStage:
    """Judges scored posts on a thread of its own, so that the event loop goes on meanwhile.

    Args:
        rulebook: asked once a group of posts for the edition that judges it.
        author: what the ledger said about an author.
        human: what a reviewer decided about a post.
        banks: of known content, if there are any.
        near: counts like texts for a policy that asks; without it nobody counts.
        audit: which verdicts to sample.
        on_alarm: told when a rule fires more or less often than it expects; on the thread.
        thread: one thread; what is known is asked on it only.
        clock: the time of the verdicts.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        author: AuthorLookup,
        *,
        human: HumanLookup = undecided,
        banks: WorkerBanks | None = None,
        near: NearDuplicates | None = None,
        audit: AuditPlan,
        on_alarm: Callable[[HitRateAlarm], object] = unheeded,
        thread: Executor,
        clock: Clock,
    ) -> None:
        self._rulebook = rulebook
        self._author = author
        self._human = human
        self._banks = banks
        self._near = near
        self._audit = audit
        self._on_alarm = on_alarm
        self._thread = thread
        self._clock = clock
        self._folder = Folder()

    @property
    def wants_vectors(self) -> bool:
        """Whether somebody asks for the classifier's vectors."""
        return self._banks is not None and self._banks.want_vectors

    async def judge(
        self,
        arrivals: Sequence[Arrival],
        scored: Sequence[PostScores],
        prints: Sequence[Fingerprints],
        stages: Mapping[str, float],
    ) -> list[Judgement]:
        """The judgement on each post, in their order.

        Args:
            arrivals: the posts.
            scored: their scores.
            prints: their fingerprints.
            stages: seconds that the stages before took, for the verdicts.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, self._judge, arrivals, scored, prints, stages
        )

    def withdraw(self, arrival: Arrival, superseded_by: int | None = None) -> Judgement:
        """The answer to a post that its author took back, or replaced by a newer revision."""
        by = self._circumstances(arrival, self._rulebook.current, {})
        return withdrawal(arrival.post, by, superseded_by)

    def _circumstances(
        self, arrival: Arrival, edition: Edition, stages: Mapping[str, float]
    ) -> Circumstances:
        now = self._clock()
        return Circumstances(
            versions=edition.versions,
            now=now,
            record_age=arrival.record.age_seconds(now.timestamp()),
            stages=stages,
            audit=self._audit,
        )

    def _judge(
        self,
        arrivals: Sequence[Arrival],
        scored: Sequence[PostScores],
        prints: Sequence[Fingerprints],
        stages: Mapping[str, float],
    ) -> list[Judgement]:
        vectors = [scores.embeddings for scores in scored]
        posts = [arrival.post for arrival in arrivals]
        found = self._look_up(posts, prints, vectors)
        now = self._clock()
        group = _Group(
            edition=self._rulebook.current,
            stages=stages,
            authors=self._author({post.author_id for post in posts}, now),
            decisions=self._human({post.post_id for post in posts}, now),
        )
        keys = self._keys(posts, group.edition)
        return [
            self._judge_one(group, _Asked(*one))
            for one in zip(arrivals, scored, prints, found, keys, strict=True)
        ]

    def _keys(self, posts: Sequence[Post], edition: Edition) -> Sequence[tuple[str, ...]]:
        """Keys of the texts, for a policy that asks for campaigns."""
        if CAMPAIGN_FACTS.isdisjoint(edition.facts):
            return [()] * len(posts)
        return text_keys([post.text or "" for post in posts], self._folder)

    def _look_up(
        self, posts: Sequence[Post], prints: Sequence[Fingerprints], vectors: Sequence[Vectors]
    ) -> Sequence[BankFindings]:
        if self._banks is None:
            return [BankFindings()] * len(posts)
        return self._banks.look_up(posts, prints, vectors)

    def _judge_one(self, group: _Group, asked: _Asked) -> Judgement:
        arrival, scores, prints, findings, keys = asked
        edition = group.edition
        if scores.model:
            edition = edition.by_model(scores.model)
        post, by = arrival.post, self._circumstances(arrival, edition, group.stages)
        if findings.versions:
            versions = by.versions.model_copy(update={"banks": dict(findings.versions)})
            by = replace(by, versions=versions)
        missed = (*scores.not_scanned, *findings.not_scanned)
        human = group.decisions.get(post.post_id)
        near = self._near if FACT in edition.facts else None
        case = Case(
            post=post,
            scores=scores.scores,
            # A modality is a string, which a mapping's key type cannot say.
            shares=cast("Mapping[str, Mapping[str, float]]", scores.shares),
            places=scores.places,
            mismatch=scores.mismatch,
            found_texts=scores.found_texts,
            not_scanned=missed,
            author=group.authors.get(post.author_id),
            bank_matches=findings.matches,
            near_duplicates=None if near is None else near.count(post, prints, by.now.timestamp()),
            human=human,
            # Only to be compared with what the reviewer saw, and large media take a while.
            content_hash=None if human is None else content_hash(post),
            now=by.now,
        )
        decision = edition.engine.decide(case)
        fired = [hit.rule for hit in decision.rule_hits if not hit.errored]
        for alarm in edition.hit_rates.observe(fired):
            self._on_alarm(alarm)
        return judge(post, missed, decision, by, keys)

"""The rules stage: look the author up, let the policy decide, write the verdict."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import TYPE_CHECKING, cast

from rules import Case
from schemas import AuthorSignals
from workers.moderator.judge import Circumstances, Judgement, judge, withdrawal
from workers.moderator.records import Arrival
from workers.moderator.rulebook import Edition, Rulebook

if TYPE_CHECKING:
    from moderation.scoring import PostScores

Clock = Callable[[], datetime]
"""The time, with its offset from UTC."""

AuthorLookup = Callable[[str, datetime], AuthorSignals | None]
"""What is known about an author, by id and time. Blocking; called on the rules thread only."""


class RulesStage:
    """Judges scored posts on a thread of its own, so that the event loop goes on meanwhile.

    Args:
        rulebook: asked once a post for the edition that judges it.
        author: what the ledger said about an author.
        audit_rate: share of verdicts to sample, 0..1.
        thread: one thread; the store of author signals is used on it only.
        clock: the time of the verdicts.
    """

    def __init__(
        self,
        rulebook: Rulebook,
        author: AuthorLookup,
        *,
        audit_rate: float,
        thread: Executor,
        clock: Clock,
    ) -> None:
        self._rulebook = rulebook
        self._author = author
        self._audit_rate = audit_rate
        self._thread = thread
        self._clock = clock

    async def judge(
        self,
        arrivals: Sequence[Arrival],
        scored: Sequence[PostScores],
        stages: Mapping[str, float],
    ) -> list[Judgement]:
        """The judgement on each post, in their order.

        Args:
            arrivals: the posts.
            scored: their scores.
            stages: seconds that the stages before took, for the verdicts.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._judge, arrivals, scored, stages)

    def withdraw(self, arrival: Arrival) -> Judgement:
        """The answer to a post that its author took back."""
        return withdrawal(arrival.post, self._circumstances(arrival, self._rulebook.current, {}))

    def _circumstances(
        self, arrival: Arrival, edition: Edition, stages: Mapping[str, float]
    ) -> Circumstances:
        now = self._clock()
        return Circumstances(
            versions=edition.versions,
            now=now,
            record_age=arrival.record.age_seconds(now),
            stages=stages,
            audit_rate=self._audit_rate,
        )

    def _judge(
        self,
        arrivals: Sequence[Arrival],
        scored: Sequence[PostScores],
        stages: Mapping[str, float],
    ) -> list[Judgement]:
        return [
            self._judge_one(arrival, scores, stages)
            for arrival, scores in zip(arrivals, scored, strict=True)
        ]

    def _judge_one(
        self, arrival: Arrival, scores: PostScores, stages: Mapping[str, float]
    ) -> Judgement:
        edition = self._rulebook.current
        post, by = arrival.post, self._circumstances(arrival, edition, stages)
        case = Case(
            post=post,
            scores=scores.scores,
            # A modality is a string, which a mapping's key type cannot say.
            shares=cast("Mapping[str, Mapping[str, float]]", scores.shares),
            places=scores.places,
            mismatch=scores.mismatch,
            found_texts=scores.found_texts,
            not_scanned=scores.not_scanned,
            author=self._author(post.author_id, by.now),
            now=by.now,
        )
        return judge(post, scores.not_scanned, edition.engine.decide(case), by)

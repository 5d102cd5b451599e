"""How well reviewers and machine judge: second opinions, golden posts, overturned verdicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import aliased

from schemas import Action
from workers.ledger.accuracy.agreement import krippendorff_alpha
from workers.review.agreement import cohen_kappa
from workers.review.store.database import Database
from workers.review.store.golden_table import GoldenPost
from workers.review.store.periods import bounds
from workers.review.store.tables import Account, Decision, Item, ItemKind, ItemState

INDEPENDENT: Final = (ItemKind.FIRST, ItemKind.SECOND, ItemKind.GOLDEN)
"""Whoever decides these knows no colleague's decision."""
BINDING: Final = (ItemKind.FIRST, ItemKind.SENIOR, ItemKind.APPEAL)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Second opinions of the period beside the first ones."""

    pairs: int
    agreed: int
    kappa: float | None
    """Cohen's, on the action."""
    alpha: float | None
    """Krippendorff's, on the action, over all that was answered on the same content: golden posts
    have more than two answers."""
    settled: int
    """Disagreements on which a senior has decided."""
    for_first: int
    """Those of them in which the senior took the first reviewer's side."""


@dataclass(frozen=True, slots=True)
class GoldenScore:
    """A reviewer's answers to golden posts, under the pseudonym."""

    reviewer: str
    answered: int
    right: int


@dataclass(frozen=True, slots=True)
class Overturned:
    """How often people decided otherwise than the machine, for one rule, model or category.

    Otherwise is: to leave up what the machine restricted or doubted, or the other way round.
    """

    by: str
    """``rule``, ``model`` or ``category``."""
    name: str
    decided: int
    overturned: int

    @property
    def rate(self) -> float:
        """A share, 0 to 1."""
        return self.overturned / self.decided


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """The figures of a period; ``first`` and ``last`` are whole days in UTC."""

    first: date
    last: date
    agreement: Agreement
    golden: Sequence[GoldenScore]
    overturned: Sequence[Overturned]


class Quality:
    """Computes the figures, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, first: date, last: date) -> QualityFigures:
        """The figures of the days from ``first`` to ``last``."""
        period = bounds(first, last)
        return QualityFigures(
            first,
            last,
            await self._agreement(*period),
            await self._golden(*period),
            await self._overturned(*period),
        )

    async def _agreement(self, since: datetime, until: datetime) -> Agreement:
        first, opinion = aliased(Item), aliased(Item)
        one, other = aliased(Decision), aliased(Decision)
        of_pairs = (
            select(one.action, other.action)
            .join(first, first.verdict_id == one.verdict_id)
            .join(opinion, opinion.subject == first.verdict_id)
            .join(other, other.verdict_id == opinion.verdict_id)
            .where(first.kind == ItemKind.FIRST, opinion.kind == ItemKind.SECOND)
            .where(other.decided_at >= since, other.decided_at < until)
        )
        of_seniors = (
            select(one.action, other.action)
            .join(first, first.verdict_id == one.verdict_id)
            .join(opinion, opinion.subject == first.verdict_id)
            .join(other, other.verdict_id == opinion.verdict_id)
            .where(first.kind == ItemKind.FIRST, opinion.kind == ItemKind.SENIOR)
            .where(other.decided_at >= since, other.decided_at < until)
        )
        answers = (
            select(Item.subject, Decision.action)
            .join(Decision, Decision.verdict_id == Item.verdict_id)
            .where(Item.kind.in_(INDEPENDENT))
            .where(Decision.decided_at >= since, Decision.decided_at < until)
        )
        async with self._database.reading() as session:
            pairs = [(a, b) for a, b in await session.execute(of_pairs)]
            settled = [(a, b) for a, b in await session.execute(of_seniors)]
            by_subject: defaultdict[Any, list[str]] = defaultdict(list)
            for subject, action in await session.execute(answers):
                by_subject[subject].append(action)
        return Agreement(
            pairs=len(pairs),
            agreed=_same(pairs),
            kappa=cohen_kappa(pairs),
            alpha=krippendorff_alpha(by_subject.values()),
            settled=len(settled),
            for_first=_same(settled),
        )

    async def _golden(self, since: datetime, until: datetime) -> list[GoldenScore]:
        wanted = (
            select(Account.pseudonym, Decision.action, GoldenPost.action)
            .join(Decision, Decision.account_id == Account.account_id)
            .join(Item, Item.verdict_id == Decision.verdict_id)
            .join(GoldenPost, GoldenPost.verdict_id == Item.subject)
            .where(Item.kind == ItemKind.GOLDEN, Item.state == ItemState.DECIDED)
            .where(Decision.decided_at >= since, Decision.decided_at < until)
        )
        answered: Counter[str] = Counter()
        right: Counter[str] = Counter()
        async with self._database.reading() as session:
            for reviewer, given, known in await session.execute(wanted):
                answered[reviewer] += 1
                right[reviewer] += given == known
        return [GoldenScore(name, answered[name], right[name]) for name in sorted(answered)]

    async def _overturned(self, since: datetime, until: datetime) -> list[Overturned]:
        # What is in force in the end counts: a senior's word or an appeal's, not what it put right.
        wanted = (
            select(
                Item.subject,
                Item.category,
                Decision.machine_action,
                Decision.action,
                Decision.model,
                Decision.rules,
            )
            .join(Decision, Decision.verdict_id == Item.verdict_id)
            .where(Item.kind.in_(BINDING))
            .where(Decision.decided_at >= since, Decision.decided_at < until)
            .order_by(Decision.decided_at)
        )
        async with self._database.reading() as session:
            in_force = {row.subject: row for row in await session.execute(wanted)}
        return list(_rates(in_force.values()))


def _rates(rows: Iterable[Any]) -> list[Overturned]:
    decided: Counter[tuple[str, str]] = Counter()
    overturned: Counter[tuple[str, str]] = Counter()
    for row in rows:
        names = [("rule", rule) for rule in row.rules]
        names += [("model", row.model)] if row.model else []
        names += [("category", row.category)] if row.category else []
        for name in names:
            decided[name] += 1
            overturned[name] += is_overturned(row.machine_action, row.action)
    return [Overturned(*name, decided[name], overturned[name]) for name in sorted(decided)]


def is_overturned(machine: str, human: str) -> bool:
    """Whether a person left up what the machine restricted or doubted, or the other way round."""
    return (machine == Action.ALLOW) is not (human == Action.ALLOW)


def _same(pairs: Sequence[tuple[str, str]]) -> int:
    return sum(one == other for one, other in pairs)

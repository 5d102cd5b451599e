"""Transparency figures: what was restricted, by whom, what became of it (DSA articles 15, 24)."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Text, cast, func, select

from workers.review.store.appeal_table import AppealRow
from workers.review.store.database import Database
from workers.review.store.periods import bounds
from workers.review.store.tables import Decision, Item, ItemKind, Statement

NO_CATEGORY = "none"


@dataclass(frozen=True, slots=True)
class Restrictions:
    """Restrictions of one kind that were imposed in the period."""

    category: str
    """The first that the restriction is for."""
    action: str
    source: str
    """``machine`` or ``human``."""
    imposed: int
    lifted: int
    """How many of them do not hold any more, since whenever."""


@dataclass(frozen=True, slots=True)
class Reviews:
    """Decisions of people in the period, beside what the machine had said."""

    machine_action: str
    action: str
    decisions: int


@dataclass(frozen=True, slots=True)
class AppealFigures:
    """Appeals that came in during the period, by what has become of them."""

    state: str
    appeals: int


@dataclass(frozen=True, slots=True)
class TransparencyFigures:
    """The figures of a period; ``first`` and ``last`` are whole days in UTC."""

    first: date
    last: date
    restrictions: Sequence[Restrictions]
    reviews: Sequence[Reviews]
    appeals: Sequence[AppealFigures]
    median_wait: timedelta | None
    """From an escalation to its decision; None when nothing was decided."""
    median_appeal: timedelta | None
    """From an appeal to its answer; None when none was answered."""


class Figures:
    """Counts, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def between(self, first: date, last: date) -> TransparencyFigures:
        """The figures of the days from ``first`` to ``last``."""
        since, until = bounds(first, last)
        return TransparencyFigures(
            first,
            last,
            await self._restrictions(since, until),
            await self._reviews(since, until),
            await self._appeals(since, until),
            await self._median_wait(since, until),
            await self._median_appeal(since, until),
        )

    async def _restrictions(self, since: datetime, until: datetime) -> list[Restrictions]:
        categories = cast(Statement.categories, Text)
        kinds = (categories, Statement.action, Statement.source)
        wanted = (
            select(*kinds, func.count(), func.count(Statement.lifted_at))
            .where(Statement.decided_at >= since, Statement.decided_at < until)
            .group_by(*kinds)
        )
        imposed: Counter[tuple[str, str, str]] = Counter()
        lifted: Counter[tuple[str, str, str]] = Counter()
        async with self._database.reading() as session:
            for names, action, source, count, no_more in await session.execute(wanted):
                kind = (next(iter(json.loads(names)), NO_CATEGORY), action, source)
                imposed[kind] += count
                lifted[kind] += no_more
        return [Restrictions(*kind, imposed[kind], lifted[kind]) for kind in sorted(imposed)]

    async def _reviews(self, since: datetime, until: datetime) -> list[Reviews]:
        kinds = (Decision.machine_action, Decision.action)
        wanted = (
            select(*kinds, func.count())
            .join(Item, Item.verdict_id == Decision.verdict_id)
            .where(Item.kind == ItemKind.FIRST)
            .where(Decision.decided_at >= since, Decision.decided_at < until)
            .group_by(*kinds)
            .order_by(*kinds)
        )
        async with self._database.reading() as session:
            return [Reviews(*row) for row in await session.execute(wanted)]

    async def _median_wait(self, since: datetime, until: datetime) -> timedelta | None:
        wanted = (
            select(Item.escalated_at, Decision.decided_at)
            .join(Decision, Decision.verdict_id == Item.verdict_id)
            .where(Item.kind == ItemKind.FIRST)
            .where(Decision.decided_at >= since, Decision.decided_at < until)
        )
        async with self._database.reading() as session:
            waits = [
                (decided_at - escalated_at).total_seconds()
                for escalated_at, decided_at in await session.execute(wanted)
            ]
        return timedelta(seconds=statistics.median(waits)) if waits else None

    async def _appeals(self, since: datetime, until: datetime) -> list[AppealFigures]:
        wanted = (
            select(AppealRow.state, func.count())
            .where(AppealRow.received_at >= since, AppealRow.received_at < until)
            .group_by(AppealRow.state)
            .order_by(AppealRow.state)
        )
        async with self._database.reading() as session:
            return [AppealFigures(*row) for row in await session.execute(wanted)]

    async def _median_appeal(self, since: datetime, until: datetime) -> timedelta | None:
        wanted = select(AppealRow.submitted_at, AppealRow.decided_at).where(
            AppealRow.decision_id.is_not(None),
            AppealRow.received_at >= since,
            AppealRow.received_at < until,
        )
        async with self._database.reading() as session:
            waits = [
                (decided_at - submitted_at).total_seconds()
                for submitted_at, decided_at in await session.execute(wanted)
                if decided_at is not None
            ]
        return timedelta(seconds=statistics.median(waits)) if waits else None

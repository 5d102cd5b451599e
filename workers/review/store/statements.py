"""Restrictions that authors feel, one row each: what statements of reasons are written from.

They come from the verdicts topic, so that those which no person has seen are among them. A verdict
that repeats the restriction in force is no new one; a milder verdict lifts it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Action, Verdict, VerdictSource, VerdictStatus
from workers.review.clock import Clock
from workers.review.store.database import Database
from workers.review.store.tables import Statement

PUID_NAMESPACE: Final = UUID("7d6a1f0e-52c4-5b1b-8f57-3a9e2f4d6c10")
"""Namespace of the statements' public names. Changing it would report every restriction again."""

RESTRICTIONS: Final = frozenset({Action.LIMIT, Action.REMOVE})


@dataclass(frozen=True, slots=True)
class StatementCount:
    """What a batch of verdicts did."""

    added: int = 0
    lifted: int = 0


class Statements:
    """Keeps the restrictions; the same batch of verdicts again changes nothing.

    Args:
        database: where they are kept.
        clock: the time, for the order of the export.
        pseudonym: a name that stands for a post and cannot be turned back: statements outlive posts
            and authors, and nothing in them is to lead to either.
    """

    def __init__(
        self, database: Database, clock: Clock, *, pseudonym: Callable[[str], str]
    ) -> None:
        self._database = database
        self._clock = clock
        self._pseudonym = pseudonym

    async def record(self, verdicts: Sequence[Verdict]) -> StatementCount:
        """Note new restrictions, and lift those that a later verdict on the post does without."""
        count = StatementCount()
        posts = [self._pseudonym(verdict.post_id) for verdict in verdicts]
        async with self._database.reading() as session:
            found = await session.scalars(select(Statement.post).where(Statement.post.in_(posts)))
            concerned = set(found.all())
        concerned |= {
            post for post, verdict in zip(posts, verdicts, strict=True) if _restricts(verdict)
        }
        if not concerned:
            return count
        async with self._database.writing() as session:
            for post, verdict in zip(posts, verdicts, strict=True):
                if post in concerned and _settles(verdict):
                    count = await self._apply(session, post, verdict, count)
        return count

    async def unexported(self, limit: int) -> Sequence[Statement]:
        """The oldest statements that no export has written."""
        wanted = (
            select(Statement)
            .where(Statement.exported_at.is_(None))
            .order_by(Statement.recorded_at, Statement.puid)
            .limit(limit)
        )
        async with self._database.reading() as session:
            return (await session.scalars(wanted)).all()

    async def after(self, puid: UUID | None, limit: int) -> Sequence[Statement]:
        """Statements in the order of the export, from the one after ``puid`` on.

        Without ``puid`` from the first on; nothing where there is none of that name.
        """
        wanted = select(Statement).order_by(Statement.recorded_at, Statement.puid).limit(limit)
        async with self._database.reading() as session:
            if puid is not None:
                named = select(Statement.recorded_at).where(Statement.puid == puid)
                recorded_at = await session.scalar(named)
                if recorded_at is None:
                    return []
                same = and_(Statement.recorded_at == recorded_at, Statement.puid > puid)
                wanted = wanted.where(or_(Statement.recorded_at > recorded_at, same))
            return (await session.scalars(wanted)).all()

    async def mark_exported(self, statements: Sequence[Statement]) -> None:
        """Note that a file holds them."""
        async with self._database.writing() as session:
            await session.execute(
                update(Statement)
                .where(Statement.verdict_id.in_([row.verdict_id for row in statements]))
                .values(exported_at=self._clock())
            )

    async def _apply(
        self, session: AsyncSession, post: str, verdict: Verdict, count: StatementCount
    ) -> StatementCount:
        if await session.get(Statement, verdict.verdict_id) is not None:
            return count
        in_force = await session.scalars(
            select(Statement).where(
                Statement.post == post,
                Statement.decided_at <= verdict.decided_at,
                Statement.lifted_at.is_(None),
            )
        )
        before = in_force.all()
        if any(_same(row, verdict) for row in before):
            return count
        for row in before:
            row.lifted_at = verdict.decided_at
        count = replace(count, lifted=count.lifted + len(before))
        if not _restricts(verdict):
            return count
        session.add(self._row(post, verdict))
        await session.flush()
        return replace(count, added=count.added + 1)

    def _row(self, post: str, verdict: Verdict) -> Statement:
        seen = {*verdict.modalities, *(piece.modality for piece in verdict.not_scanned)}
        return Statement(
            verdict_id=verdict.verdict_id,
            # Follows from the verdict, so that a lost database reports nothing twice. It names the
            # post to nobody: the verdict's id hangs on versions that the platform alone knows.
            puid=uuid5(PUID_NAMESPACE, str(verdict.verdict_id)),
            post=post,
            revision=verdict.revision,
            source=verdict.source,
            action=verdict.action,
            age_gate=verdict.age_gate,
            geo_limit=sorted(verdict.geo_limit),
            categories=_categories(verdict),
            clause=_clause(verdict),
            modalities=sorted(seen),
            language=verdict.language,
            detected=not (verdict.sampling.sampled and verdict.model_action is Action.ALLOW),
            # Verdicts do not carry when the post was written; this is when the platform had it.
            content_at=verdict.decided_at - timedelta(seconds=verdict.timings.record_age),
            decided_at=verdict.decided_at,
            recorded_at=self._clock(),
        )


def _settles(verdict: Verdict) -> bool:
    """Whether the verdict says what is to hold: one that asks for a reviewer leaves it open."""
    return verdict.status is not VerdictStatus.WITHDRAWN and (
        verdict.action is not Action.REVIEW or _restricts(verdict)
    )


def _restricts(verdict: Verdict) -> bool:
    hidden = verdict.age_gate is not None or bool(verdict.geo_limit)
    return verdict.action in RESTRICTIONS or hidden


def _same(row: Statement, verdict: Verdict) -> bool:
    """Whether the verdict keeps the restriction as it is: on an edited post it is a new one."""
    return (row.revision, row.action, row.age_gate, row.geo_limit) == (
        verdict.revision,
        verdict.action,
        verdict.age_gate,
        sorted(verdict.geo_limit),
    )


def _categories(verdict: Verdict) -> list[str]:
    """What the restriction is for, the loudest first: those that asked for as much, or else all."""
    named = [reason for reason in verdict.reasons if reason.category]
    if verdict.source is VerdictSource.MACHINE:
        named = [reason for reason in named if reason.action in RESTRICTIONS] or named
    named.sort(key=lambda reason: (-reason.action.severity, -(reason.score or 0.0)))
    return list(dict.fromkeys(reason.category for reason in named if reason.category))


def _clause(verdict: Verdict) -> str | None:
    """The rule of the policy that a person named; the machine's rules are how it found the post."""
    if verdict.source is VerdictSource.MACHINE:
        return None
    return next((reason.rule for reason in verdict.reasons if reason.rule), None)

"""Verdicts come in: a withdrawn post leaves the queue and is erased, an edited one is superseded.

Verdicts and escalations are two topics, and nothing orders one against the other. So what verdicts
say is noted by post, and an escalation that is read later is judged by the note.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Verdict, VerdictStatus
from workers.review.clock import Clock
from workers.review.store.audit import AuditTrail
from workers.review.store.contents import ErasedBecause, erase
from workers.review.store.database import Database
from workers.review.store.tables import Item, ItemKind, ItemState, PostChange

FIRST_REVISION: Final = 1

OF_A_REVISION: Final = (ItemKind.FIRST, ItemKind.SECOND, ItemKind.SENIOR)
"""Kinds of work that a newer revision makes pointless. An appeal is about what was decided, and a
golden post about the reviewer."""

POST_ADVISORY_LOCK: Final = 7_236_003
"""The kind of PostgreSQL's locks on posts; any number that nothing else locks."""


@dataclass(frozen=True, slots=True)
class ChangeCount:
    """What a batch of verdicts did to the items."""

    superseded: int = 0
    erased: int = 0


class PostChanges:
    """Applies a batch of verdicts in one transaction; the same batch again changes nothing."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def record(self, verdicts: Sequence[Verdict]) -> ChangeCount:
        """Close the items that the verdicts make obsolete, and erase what was withdrawn.

        Verdicts on a first revision make nothing obsolete; most batches hold no others, and those
        cost no transaction.
        """
        count = ChangeCount()
        told = [verdict for verdict in verdicts if _withdraws(verdict) or _edits(verdict)]
        if not told:
            return count
        async with self._database.writing() as session:
            await lock_posts(session, {verdict.post_id for verdict in told})
            for verdict in told:
                count = await self._apply(session, verdict, count)
        if count.erased:
            await self._database.empty_log()
        return count

    async def _apply(
        self, session: AsyncSession, verdict: Verdict, count: ChangeCount
    ) -> ChangeCount:
        now = self._clock()
        if _withdraws(verdict):
            erased = await withdraw(session, self._audit, verdict, now)
            return replace(count, erased=count.erased + erased)
        await _note(session, verdict, now)
        superseded = await session.scalars(
            update(Item)
            .where(
                Item.post_id == verdict.post_id,
                Item.revision < verdict.revision,
                Item.state == ItemState.OPEN,
                Item.kind.in_(OF_A_REVISION),
            )
            .values(state=ItemState.SUPERSEDED, closed_at=now)
            .returning(Item.verdict_id)
        )
        return replace(count, superseded=count.superseded + len(superseded.all()))


async def lock_posts(session: AsyncSession, post_ids: Collection[str]) -> None:
    """Let no other transaction that calls this change the same posts until this one ends.

    Without it a withdrawal and an escalation that are read at the same moment would not see each
    other, and the withdrawn post would stay open. SQLite has one writer anyway. The locks are taken
    in one order, so that two batches never wait for each other.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    await session.execute(
        text(
            "SELECT pg_advisory_xact_lock(CAST(:kind AS integer), number) FROM "
            "(SELECT DISTINCT hashtext(post) AS number FROM unnest(CAST(:posts AS text[])) AS post "
            "ORDER BY number) AS numbers"
        ),
        {"kind": POST_ADVISORY_LOCK, "posts": list(post_ids)},
    )


async def withdraw(
    session: AsyncSession, audit: AuditTrail, verdict: Verdict, now: datetime
) -> int:
    """Close what is open of the post and erase all of it, decided or not; returns how many items.

    A withdrawal is of the post, not of a revision: it covers whatever was escalated before it too,
    in case that the platform does not count its withdrawals as revisions.
    """
    change = await _note(session, verdict, now)
    if change.withdrawn_at is None or verdict.decided_at > change.withdrawn_at:
        change.withdrawn_at = verdict.decided_at
    change.withdrawn_revision = max(verdict.revision, change.withdrawn_revision or 0)
    found = await session.scalars(
        select(Item)
        .where(
            Item.post_id == verdict.post_id,
            Item.erased_at.is_(None),
            or_(Item.revision <= verdict.revision, Item.escalated_at <= verdict.decided_at),
        )
        .order_by(Item.verdict_id)
        .with_for_update()
    )
    items = found.all()
    for item in items:
        if item.state == ItemState.OPEN:
            item.state, item.closed_at, item.lease_until = ItemState.WITHDRAWN, now, None
    return await erase(session, audit, items, ErasedBecause.WITHDRAWN, now)


async def is_withdrawn(
    session: AsyncSession, post_id: str, revision: int, escalated_at: datetime
) -> bool:
    """Whether a withdrawal that was read before covers the escalation."""
    change = await session.get(PostChange, post_id)
    if change is None or change.withdrawn_at is None:
        return False
    return revision <= (change.withdrawn_revision or 0) or escalated_at <= change.withdrawn_at


async def is_superseded(session: AsyncSession, post_id: str, revision: int) -> bool:
    """Whether a newer revision was judged before."""
    change = await session.get(PostChange, post_id)
    return change is not None and change.revision > revision


def _withdraws(verdict: Verdict) -> bool:
    """Whether the post is gone, and not only a revision that was replaced before it was judged."""
    return verdict.status is VerdictStatus.WITHDRAWN and verdict.superseded_by is None


def _edits(verdict: Verdict) -> bool:
    return verdict.revision > FIRST_REVISION


async def _note(session: AsyncSession, verdict: Verdict, now: datetime) -> PostChange:
    change = await session.get(PostChange, verdict.post_id)
    if change is None:
        change = PostChange(post_id=verdict.post_id, revision=verdict.revision, seen_at=now)
        session.add(change)
    change.revision = max(change.revision, verdict.revision)
    change.seen_at = now
    return change

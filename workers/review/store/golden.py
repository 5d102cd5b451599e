"""Golden posts: decided items that are given to other reviewers to see whether they agree.

Nothing that a reviewer is shown tells one from an escalation: it takes the place of one in its
queue, with its age and due time. What is decided on it goes nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from workers.review.clock import Clock
from workers.review.errors import GoldenPostError
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.contents import load_content
from workers.review.store.database import Database
from workers.review.store.derived import derived_item
from workers.review.store.golden_table import GoldenPost
from workers.review.store.items import load_item
from workers.review.store.tables import Account, Content, Decision, Item, ItemKind, ItemState

PLANT_NAMESPACE: Final = UUID("3f0a6f5d-7c64-5d0f-8a51-a1d2f7f1c6b9")
"""Plants are named like verdicts, by version 5 of UUIDs, so that the name gives nothing away."""


@dataclass(frozen=True, slots=True)
class GoldenListing:
    """A golden post as those see it who look after them."""

    post: GoldenPost
    erased: bool


class GoldenPosts:
    """Keeps golden posts and plants them."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def add(self, verdict_id: UUID, by: Account) -> GoldenPost:
        """Make a decided item a golden post; the answer is what was decided.

        Raises:
            ItemNotFoundError: there is no such item.
            ContentErasedError: its content is no longer kept.
            GoldenPostError: it is not decided, or is one already.
        """
        async with self._database.writing() as session:
            item = await load_item(session, verdict_id)
            await load_content(session, item)
            decided = await session.scalar(
                select(Decision).where(Decision.verdict_id == verdict_id)
            )
            if item.kind != ItemKind.FIRST or decided is None:
                raise GoldenPostError("Only a decided escalation can become a golden post.")
            if await session.get(GoldenPost, verdict_id) is not None:
                raise GoldenPostError("This item is a golden post already.")
            golden = GoldenPost(
                verdict_id=verdict_id,
                action=decided.action,
                categories=list(decided.categories),
                added_by=by.account_id,
                added_at=self._clock(),
            )
            session.add(golden)
            self._audit.add(
                session,
                AuditEvent.GOLDEN,
                actor=by,
                verdict_id=verdict_id,
                detail={"set": "added", "answer": decided.action},
            )
        return golden

    async def retire(self, verdict_id: UUID, by: Account) -> None:
        """Plant it no more; what was answered so far still counts.

        Raises:
            GoldenPostError: there is no such golden post in use.
        """
        async with self._database.writing() as session:
            golden = await session.get(GoldenPost, verdict_id)
            if golden is None or golden.retired_at is not None:
                raise GoldenPostError("There is no such golden post in use.")
            golden.retired_at = self._clock()
            self._audit.add(
                session,
                AuditEvent.GOLDEN,
                actor=by,
                verdict_id=verdict_id,
                detail={"set": "retired"},
            )

    async def everything(self) -> Sequence[GoldenListing]:
        """All golden posts, the newest first."""
        wanted = (
            select(GoldenPost, Content.verdict_id)
            .outerjoin(Content, Content.verdict_id == GoldenPost.verdict_id)
            .order_by(GoldenPost.added_at.desc(), GoldenPost.verdict_id)
        )
        async with self._database.reading() as session:
            rows = await session.execute(wanted)
            return [GoldenListing(golden, kept is None) for golden, kept in rows]

    async def plant(self, session: AsyncSession, account: Account, instead_of: Item) -> Item | None:
        """Put a golden post that the account has not met in the place of an item.

        Returns None where there is none, or where the item itself is no plain escalation.
        """
        if instead_of.kind != ItemKind.FIRST:
            return None
        golden = await session.scalar(_unmet(account))
        if golden is None:
            return None
        original = await load_item(session, golden.verdict_id)
        planted = derived_item(
            original,
            verdict_id=uuid5(PLANT_NAMESPACE, str(uuid4())),
            kind=ItemKind.GOLDEN,
            rank=instead_of.rank,
            priority=instead_of.priority,
            queue=instead_of.queue,
            escalated_at=instead_of.escalated_at,
            due_at=instead_of.due_at,
        )
        session.add(planted)
        await session.flush()
        return planted


def _unmet(account: Account) -> Select[GoldenPost]:
    """A golden post that the account has neither decided nor been given; the least used first."""
    met = aliased(Item)
    decided = (
        select(Decision.decision_id)
        .join(met, met.verdict_id == Decision.verdict_id)
        .where(met.subject == GoldenPost.verdict_id, Decision.account_id == account.account_id)
        .exists()
    )
    waiting = (
        select(met.verdict_id)
        .where(
            met.subject == GoldenPost.verdict_id,
            met.kind == ItemKind.GOLDEN,
            met.state == ItemState.OPEN,
        )
        .exists()
    )
    return (
        select(GoldenPost)
        .join(Content, Content.verdict_id == GoldenPost.verdict_id)
        .where(GoldenPost.retired_at.is_(None), ~decided, ~waiting)
        .order_by(GoldenPost.added_at, GoldenPost.verdict_id)
        .limit(1)
    )

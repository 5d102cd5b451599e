"""Taking a decision back while nobody outside has heard of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import TooLateError
from workers.review.store.appeals import reopen
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.consequences import follow_up_id
from workers.review.store.contents import kept_content, load_content
from workers.review.store.database import Database
from workers.review.store.items import load_item
from workers.review.store.tables import (
    Account,
    Decision,
    Item,
    ItemKind,
    ItemState,
    OutboxRow,
)
from workers.review.store.webhooks import untell


@dataclass(frozen=True, slots=True)
class Undone:
    """The item is the reviewer's again, under a new claim number."""

    verdict_id: UUID
    number: int
    until: datetime


class Undoing:
    """Undoes decisions.

    Args:
        database: where they are.
        audit: told of it.
        clock: the time.
        within: how long after a decision.
        lease: for which the reviewer then holds the item again.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        *,
        within: timedelta,
        lease: timedelta,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self.within = within
        self._lease = lease

    async def undo(self, verdict_id: UUID, account: Account) -> Undone:
        """Take the account's decision on the item back, and those that were taken with it.

        The item is in hand again; the others are open. Of these, what was erased or judged anew
        meanwhile stays decided.

        Raises:
            ItemNotFoundError: there is no such item.
            ContentErasedError: the content was erased meanwhile.
            TooLateError: the decision is another's, or on its way, or the post has moved on.
        """
        now = self._clock()
        async with self._database.writing() as session:
            items = await _load_group(session, verdict_id)
            item = items.pop(verdict_id, None) or await load_item(session, verdict_id)
            decision = await self._own_fresh(session, item, account, now)
            await load_content(session, item)
            await _require_unmoved(session, item)
            for mate in items.values():
                await self._undo_with(session, mate, account, now)
            item.claim_number += 1
            await self._take_back(session, item, decision, account, now)
            item.claimed_by, item.claimed_at = account.account_id, now
            item.lease_until = now + self._lease
            return Undone(verdict_id, item.claim_number, item.lease_until)

    async def _undo_with(
        self, session: AsyncSession, item: Item, account: Account, now: datetime
    ) -> None:
        if await kept_content(session, item) is None or await _has_moved(session, item):
            return
        decision = await self._own_fresh(session, item, account, now)
        await self._take_back(session, item, decision, account, now)
        item.claimed_by = item.claimed_at = None

    async def _take_back(
        self,
        session: AsyncSession,
        item: Item,
        decision: Decision,
        account: Account,
        now: datetime,
    ) -> None:
        await _drop_follow_up(session, decision.decision_id, now)
        await session.execute(
            delete(OutboxRow).where(OutboxRow.decision_id == decision.decision_id)
        )
        await session.delete(decision)
        await reopen(session, item)
        item.state, item.closed_at = ItemState.OPEN, None
        self._audit.add(
            session,
            AuditEvent.UNDO,
            actor=account,
            verdict_id=item.verdict_id,
            detail={"was": decision.action, "claim": str(item.claim_number)},
        )

    async def _own_fresh(
        self, session: AsyncSession, item: Item, account: Account, now: datetime
    ) -> Decision:
        found = await session.scalars(
            select(Decision).where(
                Decision.verdict_id == item.verdict_id, Decision.account_id == account.account_id
            )
        )
        decision = found.one_or_none()
        if item.state != ItemState.DECIDED or decision is None:
            raise TooLateError("You have no decision on this item to undo.")
        # Locked: a relay that takes the rows at this moment waits, and then finds them gone.
        rows = await session.scalars(
            select(OutboxRow).where(OutboxRow.decision_id == decision.decision_id).with_for_update()
        )
        taken = any(row.taken_at is not None for row in rows.all())
        taken = taken or not await untell(session, decision.decision_id)
        if taken or now >= decision.decided_at + self.within:
            raise TooLateError(
                f"A decision can be undone for {self.within.total_seconds():.0f} s; this one is on "
                f"its way. If it was wrong, tell a senior."
            )
        return decision


async def _load_group(session: AsyncSession, verdict_id: UUID) -> dict[UUID, Item]:
    """The item and what was decided with it, by name, all locked in the order of their names."""
    own = select(Decision.together).where(Decision.verdict_id == verdict_id).scalar_subquery()
    group = select(Decision.verdict_id).where(Decision.together == own)
    found = await session.scalars(
        select(Item)
        .where(or_(Item.verdict_id == verdict_id, Item.verdict_id.in_(group)))
        .order_by(Item.verdict_id)
        .with_for_update(of=Item)
    )
    return {item.verdict_id: item for item in found.all()}


async def _require_unmoved(session: AsyncSession, item: Item) -> None:
    if await _has_moved(session, item):
        raise TooLateError("The post has been judged anew meanwhile, so the decision stays.")


async def _has_moved(session: AsyncSession, item: Item) -> bool:
    newer = await session.scalar(
        select(func.count()).where(
            Item.post_id == item.post_id,
            Item.kind == ItemKind.FIRST,
            Item.verdict_id != item.subject,
            or_(
                Item.revision > item.revision,
                (Item.revision == item.revision) & (Item.escalated_at > item.escalated_at),
            ),
        )
    )
    return bool(newer) and item.kind == ItemKind.FIRST


async def _drop_follow_up(session: AsyncSession, decision: UUID, now: datetime) -> None:
    follow_up = await session.get(Item, follow_up_id(decision), with_for_update=True)
    if follow_up is None:
        return
    if follow_up.state == ItemState.DECIDED:
        raise TooLateError("A colleague has given a second opinion meanwhile: it cannot be undone.")
    if follow_up.state == ItemState.OPEN:
        follow_up.state, follow_up.closed_at = ItemState.SUPERSEDED, now
        follow_up.lease_until = None

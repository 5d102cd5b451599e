"""The queue: what is open, in which order, and who holds it.

A claim is a lease. It is taken by one ``UPDATE … WHERE`` that only one reviewer can win, is kept
alive by heartbeats, and carries the claim number as a fencing token: whoever acts on an item shows
the number, and an old number is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation
from workers.review.clock import Clock
from workers.review.errors import (
    ClaimTakenError,
    ItemClosedError,
    ItemNotFoundError,
    StaleClaimError,
)
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.contents import kept_content, load_content
from workers.review.store.database import Database
from workers.review.store.tables import Account, Decision, Item, ItemState

CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on an item. ``number`` is the fencing token."""

    verdict_id: UUID
    number: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Viewed:
    """An item with what is known of it. ``content`` is None once it was erased."""

    item: Item
    content: Escalation | None
    decision: Decision | None


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How the queue stands at a moment."""

    by_state: Mapping[str, int]
    """Items by state; open items with a live lease count as ``claimed``, not as ``open``."""
    by_queue: Mapping[str, int]
    """Undecided items by queue."""
    overdue: int
    oldest_escalated_at: datetime | None


class ReviewQueue:
    """Lists, claims, renews and releases items."""

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, lease: timedelta
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self.lease = lease

    async def open_items(
        self, *, queue: str | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[Item]:
        """Undecided items, the most pressing first, without their content."""
        async with self._database.reading() as session:
            found = await session.scalars(_by_rank(queue).limit(limit).offset(offset))
            return found.all()

    async def item(self, verdict_id: UUID) -> Item:
        """One item.

        Raises:
            ItemNotFoundError: there is none under this id.
        """
        async with self._database.reading() as session:
            return await load_item(session, verdict_id)

    async def content(self, verdict_id: UUID) -> Escalation:
        """What was escalated.

        Raises:
            ItemNotFoundError: there is no such item.
            ContentErasedError: its content is no longer kept.
        """
        async with self._database.reading() as session:
            return await load_content(session, await load_item(session, verdict_id))

    async def view(
        self, verdict_id: UUID, account: Account, *, personal_data: bool = False
    ) -> Viewed:
        """One item with its content, for the account to see; the trail keeps that it did.

        ``personal_data`` tells the trail that it is shown unmasked.

        Raises:
            ItemNotFoundError: there is none under this id.
        """
        async with self._database.writing() as session:
            item = await load_item(session, verdict_id)
            decided = await session.scalars(
                select(Decision).where(Decision.verdict_id == verdict_id)
            )
            viewed = Viewed(item, await kept_content(session, item), decided.one_or_none())
            self._audit.add(
                session,
                AuditEvent.VIEW,
                actor=account,
                verdict_id=verdict_id,
                detail={"personal_data": "shown" if personal_data else "masked"},
            )
            return viewed

    async def claim(self, verdict_id: UUID, account: Account) -> Claim:
        """Take the item for the length of a lease, or return the claim that the reviewer holds.

        Raises:
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided or obsolete.
            ClaimTakenError: another reviewer holds it.
        """
        async with self._database.writing() as session:
            number = await self._take(session, Item.verdict_id == verdict_id, account)
            if number is not None:
                return await self._claimed(session, *number, account)
            item = await load_item(session, verdict_id)
            if item.state != ItemState.OPEN:
                raise ItemClosedError(_closed_message(item))
            if item.claimed_by != account.account_id:
                raise ClaimTakenError(
                    "Another reviewer is working on this item. Take the next one from the queue."
                )
            item.lease_until = self._clock() + self.lease
            return Claim(verdict_id, item.claim_number, item.lease_until)

    async def claim_next(self, account: Account, queue: str | None = None) -> Claim | None:
        """Take the most pressing item that nobody holds; None when there is none."""
        now = self._clock()
        best = (
            _by_rank(queue)
            .with_only_columns(Item.verdict_id)
            .where(_unclaimed(now))
            .limit(1)
            # Two reviewers at once get two items on PostgreSQL; SQLite has one writer anyway.
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as session:
            taken = await self._take(session, Item.verdict_id == best.scalar_subquery(), account)
            return None if taken is None else await self._claimed(session, *taken, account)

    async def renew(self, verdict_id: UUID, account: Account, number: int) -> Claim:
        """Heartbeat: the lease starts anew.

        Raises:
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided or obsolete.
            StaleClaimError: the claim is not the newest.
        """
        async with self._database.writing() as session:
            item = await held_item(session, verdict_id, account, number)
            item.lease_until = self._clock() + self.lease
            return Claim(verdict_id, number, item.lease_until)

    async def release(self, verdict_id: UUID, account: Account, number: int) -> None:
        """Put the item back before the lease ends. Raises as :meth:`renew` does."""
        async with self._database.writing() as session:
            item = await held_item(session, verdict_id, account, number)
            item.claimed_by = item.lease_until = item.claimed_at = None
            self._audit.add(session, AuditEvent.RELEASE, actor=account, verdict_id=verdict_id)

    async def counts(self) -> QueueCounts:
        """How many items there are in each state and queue, how many are late, the oldest."""
        now = self._clock()
        undecided = Item.state == ItemState.OPEN
        async with self._database.reading() as session:
            states = await session.execute(select(Item.state, func.count()).group_by(Item.state))
            queues = await session.execute(
                select(Item.queue, func.count()).where(undecided).group_by(Item.queue)
            )
            held = await session.scalar(
                select(func.count()).where(undecided, Item.lease_until > now)
            )
            overdue = await session.scalar(select(func.count()).where(undecided, Item.due_at < now))
            oldest = await session.scalar(select(func.min(Item.escalated_at)).where(undecided))
        by_state = dict.fromkeys([*ItemState, CLAIMED], 0) | {
            str(state): total for state, total in states
        }
        by_state[CLAIMED] = held or 0
        by_state[ItemState.OPEN] -= by_state[CLAIMED]
        return QueueCounts(
            by_state={str(state): total for state, total in by_state.items()},
            by_queue=dict(sorted((queue, total) for queue, total in queues)),
            overdue=overdue or 0,
            oldest_escalated_at=oldest,
        )

    async def _take(
        self, session: AsyncSession, which: ColumnElement[bool], account: Account
    ) -> tuple[UUID, int] | None:
        now = self._clock()
        taken = await session.execute(
            update(Item)
            .where(which, Item.state == ItemState.OPEN, _unclaimed(now))
            .values(
                claimed_by=account.account_id,
                claim_number=Item.claim_number + 1,
                claimed_at=now,
                lease_until=now + self.lease,
            )
            .returning(Item.verdict_id, Item.claim_number)
            .execution_options(synchronize_session=False)
        )
        row = taken.one_or_none()
        return None if row is None else (row[0], row[1])

    async def _claimed(
        self, session: AsyncSession, verdict_id: UUID, number: int, account: Account
    ) -> Claim:
        self._audit.add(
            session,
            AuditEvent.CLAIM,
            actor=account,
            verdict_id=verdict_id,
            detail={"claim": str(number)},
        )
        return Claim(verdict_id, number, self._clock() + self.lease)


async def held_item(session: AsyncSession, verdict_id: UUID, account: Account, number: int) -> Item:
    """The open item, locked, if the account's claim number is still the newest on it.

    A lease that ran out is no hindrance while nobody else has claimed: the work is not lost.

    Raises:
        ItemNotFoundError: there is no such item.
        ItemClosedError: it is decided or obsolete.
        StaleClaimError: the claim is not the newest.
    """
    item = await load_item(session, verdict_id, lock=True)
    if item.state != ItemState.OPEN:
        raise ItemClosedError(_closed_message(item))
    if item.claim_number != number or item.claimed_by != account.account_id:
        raise StaleClaimError(
            f"Your claim {number} on this item has run out and the item moved on (claim "
            f"{item.claim_number}). Nothing was changed; claim it again or take the next one."
        )
    return item


async def load_item(session: AsyncSession, verdict_id: UUID, *, lock: bool = False) -> Item:
    """The item; with ``lock`` nobody else changes it until the transaction ends.

    Raises:
        ItemNotFoundError: there is none under this id.
    """
    item = await session.get(Item, verdict_id, with_for_update=lock or None)
    if item is None:
        raise ItemNotFoundError(
            f"There is no item {verdict_id}. It may have been removed; go back to the queue."
        )
    return item


def _by_rank(queue: str | None) -> Select[Item]:
    wanted = select(Item).where(Item.state == ItemState.OPEN)
    if queue is not None:
        wanted = wanted.where(Item.queue == queue)
    return wanted.order_by(Item.rank.desc(), Item.verdict_id)


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Item.lease_until.is_(None), Item.lease_until <= now)


def _closed_message(item: Item) -> str:
    why = {
        ItemState.DECIDED: "has been decided",
        ItemState.SUPERSEDED: "was replaced by a newer revision or verdict",
        ItemState.WITHDRAWN: "was withdrawn by its author",
        ItemState.EXPIRED: "was kept for as long as it may be",
    }[ItemState(item.state)]
    return f"This item {why}. There is nothing left to do; take the next one from the queue."

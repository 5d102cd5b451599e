"""The queue: who holds what.

A claim is a lease. It is taken by one ``UPDATE … WHERE`` that only one reviewer can win, is kept
alive by heartbeats, and carries the claim number as a fencing token: whoever acts on an item shows
the number, and an old number is refused.

While somebody decides one item, the next is reserved for them: leased like a claimed one, but not
shown, so it counts as taken and seen by nobody, and nothing can be decided on it. It becomes a
claim when it is handed out, and goes back to the queue with the lease when it is not.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import ClaimTakenError, ItemClosedError
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.chance import by_chance
from workers.review.store.database import Database
from workers.review.store.golden import GoldenPosts
from workers.review.store.items import (
    closed_message,
    held_item,
    load_item,
    meant_for,
    require_meant_for,
)
from workers.review.store.queue_reading import QueueReading, by_rank
from workers.review.store.tables import Account, Item, ItemKind, ItemState
from workers.review.store.wanted import ANYTHING, Wanted
from workers.review.store.wellness import Wellness


@dataclass(frozen=True, slots=True)
class Claim:
    """A lease on an item. ``number`` is the fencing token."""

    verdict_id: UUID
    number: int
    until: datetime


class ReviewQueue(QueueReading):
    """Claims, reserves, renews and releases items.

    Args:
        database: where they are.
        audit: told of claims, releases and views.
        clock: the time, for leases.
        lease: how long a claim holds without a heartbeat.
        wellness: counts what people take, and says when it is enough.
        golden: plants golden posts among the items that :meth:`claim_next` hands out.
        golden_rate: the probability that it hands out one, where there is one.
        draw: a number from 0 up to 1, by chance.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        lease: timedelta,
        *,
        wellness: Wellness,
        golden: GoldenPosts,
        golden_rate: float,
        draw: Callable[[], float] = by_chance,
    ) -> None:
        super().__init__(database, audit, clock, wellness)
        self.lease = lease
        self._golden = golden
        self._golden_rate = golden_rate
        self._draw = draw

    async def claim(self, verdict_id: UUID, account: Account) -> Claim:
        """Take the item for the length of a lease, or return the claim that the reviewer holds.

        Raises:
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided or obsolete.
            ClaimTakenError: another reviewer holds it.
            BarredError: it is for another reviewer.
            ConsentError: it is of the restricted lane.
            RestError: a break is due, or the day is full.
        """
        async with self._database.writing() as session:
            item = await load_item(session, verdict_id)
            await require_meant_for(session, item, account)
            if item.claimed_by != account.account_id or item.claimed_at is None:
                await self._wellness.require_open_to(session, account, item)
            number = await self._take(session, Item.verdict_id == verdict_id, account)
            if number is not None:
                await self._wellness.note(session, account, item)
                return await self._claimed(session, *number, account)
            item = await load_item(session, verdict_id, lock=True)
            if item.state != ItemState.OPEN:
                raise ItemClosedError(closed_message(item))
            if item.claimed_by != account.account_id:
                raise ClaimTakenError(
                    "Another reviewer is working on this item. Take the next one from the queue."
                )
            if item.claimed_at is None:
                return await self._begin(session, item, account)
            item.lease_until = self._clock() + self.lease
            return Claim(verdict_id, item.claim_number, item.lease_until)

    async def claim_next(self, account: Account, wanted: Wanted = ANYTHING) -> Claim | None:
        """Take what is reserved, or the most pressing item that nobody holds; None without one.

        Now and then it is a golden post in its stead, which looks like it.

        Raises:
            RestError: a break is due, or the day is full.
        """
        async with self._database.writing() as session:
            open_now = await self._wellness.open_to(session, account)
            reserved = await self._reserved(session, account, wanted, open_now)
            if reserved is not None:
                return await self._begin(session, reserved, account)
            chosen = await self._choose(session, account, wanted, open_now)
            if chosen is None:
                return None
            taken = await self._take(session, Item.verdict_id == chosen.verdict_id, account)
            if taken is None:
                return None
            await self._wellness.note(session, account, chosen)
            return await self._claimed(session, *taken, account)

    async def reserve_next(self, account: Account, wanted: Wanted = ANYTHING) -> UUID | None:
        """Reserve what :meth:`claim_next` is to hand out; None when there is nothing.

        An account has one reservation at a time.

        Raises:
            RestError: a break is due, or the day is full.
        """
        async with self._database.writing() as session:
            open_now = await self._wellness.open_to(session, account)
            chosen = await self._reserved(session, account, wanted, open_now)
            if chosen is None:
                await self._release_reserved(session, account)
                chosen = await self._choose(session, account, wanted, open_now)
                if chosen is None:
                    return None
                chosen.claimed_by, chosen.claimed_at = account.account_id, None
                chosen.claim_number += 1
                self._audit.add(
                    session, AuditEvent.RESERVE, actor=account, verdict_id=chosen.verdict_id
                )
            chosen.lease_until = self._clock() + self.lease
            return chosen.verdict_id

    async def renew(self, verdict_id: UUID, account: Account, number: int) -> Claim:
        """Heartbeat: the lease starts anew, and so does that of what is reserved.

        Raises:
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided or obsolete.
            StaleClaimError: the claim is not the newest.
        """
        async with self._database.writing() as session:
            item = await held_item(session, verdict_id, account, number)
            until = item.lease_until = self._clock() + self.lease
            await session.execute(
                update(Item)
                .where(_reserved_for(account), Item.lease_until > self._clock())
                .values(lease_until=until)
                .execution_options(synchronize_session=False)
            )
            return Claim(verdict_id, number, until)

    async def release(self, verdict_id: UUID, account: Account, number: int) -> None:
        """Put the item back before its lease ends, and what is reserved; raises as `renew` does."""
        async with self._database.writing() as session:
            item = await held_item(session, verdict_id, account, number)
            item.claimed_by = item.lease_until = item.claimed_at = None
            self._audit.add(session, AuditEvent.RELEASE, actor=account, verdict_id=verdict_id)
            await self._release_reserved(session, account)

    async def _choose(
        self,
        session: AsyncSession,
        account: Account,
        wanted: Wanted,
        open_now: ColumnElement[bool],
    ) -> Item | None:
        now = self._clock()
        best = (
            by_rank(wanted, free_at=now)
            .where(_unclaimed(now), meant_for(account), open_now)
            .limit(1)
            # Two reviewers at once get two items on PostgreSQL; SQLite has one writer anyway.
            .with_for_update(skip_locked=True, of=Item)
        )
        chosen: Item | None = await session.scalar(best)
        if chosen is not None and self._draw() < self._golden_rate:
            return await self._golden.plant(session, account, chosen) or chosen
        return chosen

    async def _reserved(
        self,
        session: AsyncSession,
        account: Account,
        wanted: Wanted,
        open_now: ColumnElement[bool],
    ) -> Item | None:
        """What is reserved for the account, if it is wanted. A golden post is, wherever it is."""
        fits = or_(Item.kind == ItemKind.GOLDEN, and_(*wanted.conditions(), open_now))
        kept = (
            select(Item)
            .where(_reserved_for(account), Item.lease_until > self._clock(), fits)
            .limit(1)
            .with_for_update()
        )
        found: Item | None = await session.scalar(kept)
        return found

    async def _begin(self, session: AsyncSession, item: Item, account: Account) -> Claim:
        """Turn a reservation into a claim."""
        item.claimed_at = self._clock()
        item.lease_until = item.claimed_at + self.lease
        await self._wellness.note(session, account, item)
        return await self._claimed(session, item.verdict_id, item.claim_number, account)

    async def _release_reserved(self, session: AsyncSession, account: Account) -> None:
        await session.execute(
            update(Item)
            .where(_reserved_for(account))
            .values(claimed_by=None, lease_until=None)
            .execution_options(synchronize_session=False)
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


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Item.lease_until.is_(None), Item.lease_until <= now)


def _reserved_for(account: Account) -> ColumnElement[bool]:
    return and_(
        Item.claimed_by == account.account_id,
        Item.state == ItemState.OPEN,
        Item.claimed_at.is_(None),
    )

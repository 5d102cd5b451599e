"""The queue: what is open, in which order, and who holds it.

A claim is a lease. It is taken by one ``UPDATE … WHERE`` that only one reviewer can win, is kept
alive by heartbeats, and carries the claim number as a fencing token: whoever acts on an item shows
the number, and an old number is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation
from workers.review.clock import Clock
from workers.review.errors import ClaimTakenError, ItemClosedError
from workers.review.store.appeal_table import AppealRow
from workers.review.store.appeals import appeal_on
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.chance import by_chance
from workers.review.store.contents import kept_content, load_content
from workers.review.store.database import Database
from workers.review.store.earlier import EarlierDecision, earlier_decisions
from workers.review.store.golden import GoldenPosts
from workers.review.store.items import (
    closed_message,
    held_item,
    load_item,
    meant_for,
    require_meant_for,
    require_unbiased,
)
from workers.review.store.queue_counts import QueueCounts, count_queue, waiting_rules
from workers.review.store.tables import Account, Decision, Item, ItemState
from workers.review.store.wanted import ANYTHING, Wanted
from workers.review.store.wellness import Wellness


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
    earlier: Sequence[EarlierDecision]
    """What whoever decides it may know that people decided before."""
    appeal: AppealRow | None
    """What it decides, if it is one."""


class ReviewQueue:
    """Lists, claims, renews and releases items.

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
        self._database = database
        self._audit = audit
        self._clock = clock
        self.lease = lease
        self._wellness = wellness
        self._golden = golden
        self._golden_rate = golden_rate
        self._draw = draw

    async def open_items(
        self,
        viewer: Account | None = None,
        wanted: Wanted = ANYTHING,
        *,
        limit: int = 50,
        offset: int = 0,
    ) -> Sequence[Item]:
        """Undecided items that the viewer may take, the most pressing first, without content."""
        chosen = _by_rank(wanted).limit(limit).offset(offset)
        if viewer is not None:
            chosen = chosen.where(meant_for(viewer))
        async with self._database.reading() as session:
            return (await session.scalars(chosen)).all()

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
            BarredError: the account is judging the same post blind.
        """
        async with self._database.writing() as session:
            item = await load_item(session, verdict_id)
            await require_unbiased(session, item, account)
            decided = await session.scalars(
                select(Decision).where(Decision.verdict_id == verdict_id)
            )
            viewed = Viewed(
                item,
                await kept_content(session, item),
                decided.one_or_none(),
                await earlier_decisions(session, item),
                await appeal_on(session, item),
            )
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
            BarredError: it is for another reviewer.
            ConsentError: it is of the restricted lane.
            RestError: a break is due, or the day is full.
        """
        async with self._database.writing() as session:
            item = await load_item(session, verdict_id)
            await require_meant_for(session, item, account)
            if item.claimed_by != account.account_id:
                await self._wellness.require_open_to(session, account, item)
            number = await self._take(session, Item.verdict_id == verdict_id, account)
            if number is not None:
                await self._wellness.note(session, account, item)
                return await self._claimed(session, *number, account)
            await session.refresh(item)
            if item.state != ItemState.OPEN:
                raise ItemClosedError(closed_message(item))
            if item.claimed_by != account.account_id:
                raise ClaimTakenError(
                    "Another reviewer is working on this item. Take the next one from the queue."
                )
            item.lease_until = self._clock() + self.lease
            return Claim(verdict_id, item.claim_number, item.lease_until)

    async def claim_next(self, account: Account, wanted: Wanted = ANYTHING) -> Claim | None:
        """Take the most pressing item that nobody holds; None when there is none.

        Now and then it is a golden post in its stead, which looks like it.

        Raises:
            RestError: a break is due, or the day is full.
        """
        async with self._database.writing() as session:
            open_now = await self._wellness.open_to(session, account)
            best = (
                _by_rank(wanted)
                .where(_unclaimed(self._clock()), meant_for(account), open_now)
                .limit(1)
                # Two reviewers at once get two items on PostgreSQL; SQLite has one writer anyway.
                .with_for_update(skip_locked=True, of=Item)
            )
            chosen: Item | None = await session.scalar(best)
            if chosen is None:
                return None
            if self._draw() < self._golden_rate:
                chosen = await self._golden.plant(session, account, chosen) or chosen
            taken = await self._take(session, Item.verdict_id == chosen.verdict_id, account)
            if taken is None:
                return None
            await self._wellness.note(session, account, chosen)
            return await self._claimed(session, *taken, account)

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

    async def counts(self, *, closed: bool = True) -> QueueCounts:
        """How the queue stands; without ``closed`` it says nothing of what is decided or gone."""
        async with self._database.reading() as session:
            return await count_queue(session, self._clock(), closed=closed)

    async def rules(self) -> Sequence[str]:
        """The rules that brought up what waits."""
        async with self._database.reading() as session:
            return await waiting_rules(session)

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


def _by_rank(wanted: Wanted) -> Select[Item]:
    chosen = select(Item).where(Item.state == ItemState.OPEN, *wanted.conditions())
    return chosen.order_by(Item.rank.desc(), Item.verdict_id)


def _unclaimed(now: datetime) -> ColumnElement[bool]:
    return or_(Item.lease_until.is_(None), Item.lease_until <= now)

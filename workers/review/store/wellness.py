"""What the work does to people, kept in bounds: caps on a day, breaks, a lane by consent.

Counted is what a person takes, whatever becomes of it. An item in hand is never taken away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, true
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import ConsentError, RestError
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.tables import Account, Item
from workers.review.store.wellness_tables import Consent, Exposure, Shift


@dataclass(frozen=True, slots=True)
class WellnessLimits:
    """How much is enough. A cap of 0 is none, and so is a break after 0."""

    items_a_day: int
    grave_a_day: int
    grave: frozenset[str]
    """Categories that count against ``grave_a_day``."""
    restricted: frozenset[str]
    """Categories that only those see who agreed to it."""
    break_after: timedelta
    break_for: timedelta


@dataclass(frozen=True, slots=True)
class Wellbeing:
    """How a person's day stands."""

    items: int
    grave: int
    working_since: datetime | None
    """None after a break."""
    rest_until: datetime | None
    """When the break that is due now is over; None when none is due."""
    consented_at: datetime | None


class Wellness:
    """Counts what people take, and says when it is enough."""

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, limits: WellnessLimits
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self.limits = limits

    async def of(self, account: Account) -> Wellbeing:
        """How the account's day stands."""
        async with self._database.reading() as session:
            return await self._of(session, account)

    async def consent(self, account: Account) -> None:
        """Note that the account agreed to see the restricted lane; once is enough."""
        async with self._database.writing() as session:
            if await session.get(Consent, account.account_id) is None:
                session.add(Consent(account_id=account.account_id, given_at=self._clock()))
                self._audit.add(session, AuditEvent.CONSENT, actor=account, detail={"set": "given"})

    async def withdraw_consent(self, account: Account) -> None:
        """Note that the account no longer wants to; nobody asks why."""
        async with self._database.writing() as session:
            consent = await session.get(Consent, account.account_id)
            if consent is not None:
                await session.delete(consent)
                self._audit.add(
                    session, AuditEvent.CONSENT, actor=account, detail={"set": "withdrawn"}
                )

    async def open_to(self, session: AsyncSession, account: Account) -> ColumnElement[bool]:
        """Which items the account may be given now.

        Raises:
            RestError: none: a break is due, or the day is full.
        """
        standing = await self._of(session, account)
        self._require_fit(standing)
        shut = set() if standing.consented_at else set(self.limits.restricted)
        if self._full_of_grave(standing):
            shut |= self.limits.grave
        if not shut:
            return true()
        return or_(Item.category.is_(None), Item.category.not_in(sorted(shut)))

    async def require_open_to(self, session: AsyncSession, account: Account, item: Item) -> None:
        """Check whether the account may take the item now.

        Raises:
            RestError: a break is due, or the day is full.
            ConsentError: the item is of the restricted lane.
        """
        standing = await self._of(session, account)
        self._require_fit(standing)
        await self.require_consent(session, account, item)
        if item.category in self.limits.grave and self._full_of_grave(standing):
            raise RestError(
                f"You took {standing.grave} grave items today, and that is enough for a day. Take "
                f"others from the queue."
            )

    async def require_consent(self, session: AsyncSession, account: Account, item: Item) -> None:
        """Check whether the account may see the item.

        Raises:
            ConsentError: the item is of the restricted lane, and the account did not agree to it.
        """
        if item.category not in self.limits.restricted:
            return
        if await session.get(Consent, account.account_id) is None:
            raise ConsentError(
                "This item is of the restricted lane, for those who agreed to see it. You can "
                "agree, and take that back at any time, on the page Wellbeing."
            )

    async def note(self, session: AsyncSession, account: Account, item: Item) -> None:
        """Count an item that the account took."""
        # Somebody with two tabs can take two items at once, and neither count would see the other.
        # Not FOR UPDATE: that waits for other claims of the account, which then wait for this one.
        await session.get(Account, account.account_id, with_for_update={"key_share": True})
        now = self._clock()
        key = (account.account_id, now.date())
        seen = await session.get(Exposure, key, with_for_update=True)
        if seen is None:
            seen = Exposure(account_id=key[0], day=key[1], items=0, grave=0)
            session.add(seen)
        seen.items += 1
        seen.grave += item.category in self.limits.grave
        shift = await session.get(Shift, account.account_id, with_for_update=True)
        if shift is None:
            shift = Shift(account_id=account.account_id, working_since=now, taken_at=now)
            session.add(shift)
        elif now - shift.taken_at >= self.limits.break_for:
            shift.working_since = now
        shift.taken_at = now

    async def _of(self, session: AsyncSession, account: Account) -> Wellbeing:
        now = self._clock()
        seen = await session.get(Exposure, (account.account_id, now.date()))
        consent = await session.get(Consent, account.account_id)
        shift = await session.get(Shift, account.account_id)
        rested = shift is None or now - shift.taken_at >= self.limits.break_for
        working_since = None if rested or shift is None else shift.working_since
        return Wellbeing(
            items=seen.items if seen else 0,
            grave=seen.grave if seen else 0,
            working_since=working_since,
            rest_until=self._rest_until(shift, working_since, now),
            consented_at=consent.given_at if consent else None,
        )

    def _rest_until(
        self, shift: Shift | None, working_since: datetime | None, now: datetime
    ) -> datetime | None:
        after = self.limits.break_after
        if not after or shift is None or working_since is None or now - working_since < after:
            return None
        return shift.taken_at + self.limits.break_for

    def _require_fit(self, standing: Wellbeing) -> None:
        if standing.rest_until is not None:
            minutes = max(1, round((standing.rest_until - self._clock()).total_seconds() / 60))
            raise RestError(
                f"You have worked for a long while without a break. Rest for {minutes} min; what "
                f"you hold you can still decide."
            )
        if self.limits.items_a_day and standing.items >= self.limits.items_a_day:
            raise RestError(
                f"You took {standing.items} items today, and that is enough for a day. Thank you."
            )

    def _full_of_grave(self, standing: Wellbeing) -> bool:
        return bool(self.limits.grave_a_day) and standing.grave >= self.limits.grave_a_day

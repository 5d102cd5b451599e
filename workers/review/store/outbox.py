"""The outbox: records that Kafka has yet to get, in the order in which they were written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, func, select, update

from workers.review.clock import Clock
from workers.review.store.database import Database
from workers.review.store.tables import OutboxRow

MARKED_WITHIN: Final = timedelta(seconds=15)
"""A relay marks what it took within milliseconds, unless the broker is away or the relay dead."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Records to send, the oldest first."""

    rows: Sequence[OutboxRow] = ()
    doubtful_since: datetime | None = None
    """Since when some of them may have been sent by a relay that did not say so; None if none."""


class Outbox:
    """Reads what is unsent and notes what was sent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def unsent(self, limit: int) -> Sequence[OutboxRow]:
        """The oldest records that are not marked as sent."""
        async with self._database.reading() as session:
            return (await session.scalars(_unsent(limit))).all()

    async def take(self, limit: int, relay: str) -> Taken:
        """The oldest unsent records that are due; from here on their decisions cannot be undone.

        One relay sends at a time: while another one's are fresh there is nothing to take. Records
        that a relay took and did not mark in time come back as doubtful, for it may have died
        after sending them.
        """
        now = self._clock()
        due = _unsent(limit).where(OutboxRow.due_at <= now)
        async with self._database.reading() as session:
            if await session.scalar(due.with_only_columns(OutboxRow.row_id).limit(1)) is None:
                return Taken()
        async with self._database.writing() as session:
            rows = (await session.scalars(due.with_for_update())).all()
            if any(row.taken_at and row.taken_at > now - MARKED_WITHIN for row in rows):
                return Taken()
            # Not since they were taken last: a relay that took them earlier may have died, too.
            since = min((row.due_at for row in rows if row.taken_at), default=None)
            for row in rows:
                row.taken_at, row.taken_by = now, relay
        return Taken(rows, doubtful_since=since)

    async def give_back(self, relay: str) -> None:
        """Let go of what the relay took and could not send; it stays doubtful."""
        async with self._database.writing() as session:
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.taken_by == relay, OutboxRow.sent_at.is_(None))
                .values(taken_at=self._clock() - MARKED_WITHIN)
            )

    async def mark_sent(self, rows: Sequence[OutboxRow]) -> None:
        """Note that the broker has acknowledged the records."""
        async with self._database.writing() as session:
            await session.execute(
                update(OutboxRow)
                .where(OutboxRow.row_id.in_([row.row_id for row in rows]))
                .values(sent_at=self._clock())
            )

    async def count(self) -> int:
        """How many records are kept, sent or not."""
        async with self._database.reading() as session:
            counted = await session.scalar(select(func.count()).select_from(OutboxRow))
            return counted or 0

    async def pending(self) -> int:
        """How many records are unsent."""
        async with self._database.reading() as session:
            counted = await session.scalar(select(func.count()).where(OutboxRow.sent_at.is_(None)))
            return counted or 0


def _unsent(limit: int) -> Select[OutboxRow]:
    wanted = select(OutboxRow).where(OutboxRow.sent_at.is_(None))
    return wanted.order_by(OutboxRow.row_id).limit(limit)

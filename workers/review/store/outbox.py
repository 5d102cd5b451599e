"""The outbox: records that Kafka has yet to get, in the order in which they were written."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update

from workers.review.clock import Clock
from workers.review.store.database import Database
from workers.review.store.tables import OutboxRow


class Outbox:
    """Reads what is unsent and notes what was sent."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def unsent(self, limit: int) -> Sequence[OutboxRow]:
        """The oldest records that are not marked as sent."""
        async with self._database.reading() as session:
            found = await session.scalars(
                select(OutboxRow)
                .where(OutboxRow.sent_at.is_(None))
                .order_by(OutboxRow.row_id)
                .limit(limit)
            )
            return found.all()

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

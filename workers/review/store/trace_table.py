"""Which traces items and decisions belong to, while posts are traced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import Index, LargeBinary, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table, UtcDateTime

TRACES_KEPT: Final = timedelta(days=30)
"""Longer than posts wait for people, and than collectors usually keep spans."""


class TraceRow(Table):
    """What continues the trace of an item, or of a decision."""

    __tablename__ = "traces"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    """The id of the item's verdict, or of the decision."""
    traceparent: Mapped[bytes] = mapped_column(LargeBinary)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)

    __table_args__ = (Index("ix_traces_kept", "kept_at"),)


async def keep_traces(
    session: AsyncSession, traceparents: Mapping[UUID, bytes], now: datetime
) -> None:
    """Keep what continues the traces of subjects; what is old goes."""
    await session.execute(delete(TraceRow).where(TraceRow.kept_at < now - TRACES_KEPT))
    for subject, traceparent in traceparents.items():
        await session.merge(TraceRow(subject=subject, traceparent=traceparent, kept_at=now))


async def traces_of(session: AsyncSession, subjects: Iterable[UUID]) -> dict[UUID, bytes]:
    """What continues the traces of the subjects; one that was not traced is absent."""
    rows = await session.scalars(select(TraceRow).where(TraceRow.subject.in_([*subjects])))
    return {row.subject: row.traceparent for row in rows}

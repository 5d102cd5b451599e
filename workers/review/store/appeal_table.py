"""The table of appeals."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table, UtcDateTime


class AppealState(StrEnum):
    """Where an appeal stands."""

    OPEN = "open"
    UPHELD = "upheld"  # what was contested stays
    REVERSED = "reversed"  # another action holds now
    REFUSED = "refused"  # it came too late, or contests nothing that can be decided
    ENDED = "ended"  # the post is gone


class AppealRow(Table):
    """An author contests a verdict; a verdict can be contested once."""

    __tablename__ = "appeals"

    appeal_id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("items.verdict_id"), index=True)
    """The work that decides it; None where it was refused."""
    contested: Mapped[UUID] = mapped_column(unique=True)
    """The verdict's id."""
    post_id: Mapped[str] = mapped_column(String(128))
    revision: Mapped[int] = mapped_column(BigInteger)
    author_id: Mapped[str] = mapped_column(String(128), index=True)
    statement: Mapped[str | None] = mapped_column(Text)
    """The author's words; erased with the content."""
    state: Mapped[str] = mapped_column(String(16))
    refused_because: Mapped[str | None] = mapped_column(String(64))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decision_id: Mapped[UUID | None]

"""The audit trail's table."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import RowNumber, Table, UtcDateTime


class AuditRow(Table):
    """Who did what, when. Triggers refuse to change or delete a row."""

    __tablename__ = "audit"

    row_id: Mapped[int] = mapped_column(RowNumber, primary_key=True, autoincrement=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    event: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str | None] = mapped_column(String(64))
    """The pseudonym; nobody for a failed login."""
    verdict_id: Mapped[UUID | None]
    origin: Mapped[str | None] = mapped_column(String(64))
    """A keyed hash of the network address and the typed name, never these themselves."""
    detail: Mapped[dict[str, str] | None] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))
    """See ``audit_chain``."""

    __table_args__ = (
        Index("ix_audit_origin", "event", "origin", "at"),
        Index("ix_audit_verdict", "verdict_id"),
    )

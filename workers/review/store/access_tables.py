"""Tables of what machines use: tokens of the API, webhooks and their deliveries."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table, UtcDateTime


class Token(Table):
    """A key to the API. It may do what its account's role may; the table holds its SHA-256."""

    __tablename__ = "tokens"

    token_id: Mapped[UUID] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.account_id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Webhook(Table):
    """An address that is told of events. Its secret follows from its id and the console's key."""

    __tablename__ = "webhooks"

    webhook_id: Mapped[UUID] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2_048))
    events: Mapped[list[str]] = mapped_column(JSON)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.account_id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"  # tried as often as the setting says, or the receiver wants no more


class Delivery(Table):
    """One event for one webhook. Its id is the receiver's idempotency key."""

    __tablename__ = "deliveries"

    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhooks.webhook_id"))
    event: Mapped[str] = mapped_column(String(32))
    about: Mapped[UUID] = mapped_column(index=True)
    """The decision or appeal."""
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the next try is due."""
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str | None] = mapped_column(String(200))
    """Of the last try."""

    __table_args__ = (
        Index("ix_deliveries_due", "state", "due_at"),
        Index("ix_deliveries_webhook", "webhook_id", "created_at"),
    )

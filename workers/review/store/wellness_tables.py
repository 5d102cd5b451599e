"""Tables of what reviewers are exposed to, and of when they rested."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table, UtcDateTime


class Exposure(Table):
    """What a person took on a day, in UTC."""

    __tablename__ = "exposures"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    items: Mapped[int]
    grave: Mapped[int]


class Shift(Table):
    """Since when a person works without a break."""

    __tablename__ = "shifts"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True
    )
    working_since: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the last item was taken."""


class Consent(Table):
    """A person agreed to see the restricted lane. Taking it back deletes the row."""

    __tablename__ = "consents"

    account_id: Mapped[UUID] = mapped_column(
        ForeignKey("accounts.account_id", ondelete="CASCADE"), primary_key=True
    )
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)

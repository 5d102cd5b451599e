"""The table of golden posts: items whose right answer is known."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from workers.review.store.tables import Table, UtcDateTime


class GoldenPost(Table):
    """A decided item that is given to other reviewers, who do not know that it was decided.

    Its content is that of the item: when that is erased, the golden post ends with it.
    """

    __tablename__ = "golden_posts"

    verdict_id: Mapped[UUID] = mapped_column(ForeignKey("items.verdict_id"), primary_key=True)
    action: Mapped[str] = mapped_column(String(16))
    """The right answer."""
    categories: Mapped[list[str]] = mapped_column(JSON)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.account_id"))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

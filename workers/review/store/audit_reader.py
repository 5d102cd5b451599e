"""The audit trail for who reads it: the newest rows, and whether all of it is as it was written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from workers.review.store.audit_chain import FIRST_LINK, digest
from workers.review.store.audit_table import AuditRow
from workers.review.store.database import Database

ROWS_AT_ONCE: Final = 1_000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a check of the chain found."""

    rows: int
    """Rows that follow from one another, from the first on."""
    head: str
    """Digest of the last of them. Noted elsewhere, it proves later that nothing was cut off."""
    broken_at: int | None
    """Number of the first row that does not follow; None when all do."""
    anchored: bool
    """Whether the digest that was noted before is one of theirs; true when none was given."""

    @property
    def sound(self) -> bool:
        """Whether the trail is as it was written."""
        return self.broken_at is None and self.anchored


class AuditReader:
    """Reads the trail, and changes nothing."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self, limit: int, before: int | None = None) -> Sequence[AuditRow]:
        """The newest rows, or those before a row's number, newest first."""
        wanted = select(AuditRow).order_by(AuditRow.row_id.desc()).limit(limit)
        if before is not None:
            wanted = wanted.where(AuditRow.row_id < before)
        async with self._database.reading() as session:
            return (await session.scalars(wanted)).all()

    async def check(self, anchor: str | None = None) -> ChainCheck:
        """Compute every digest anew.

        Args:
            anchor: a digest that an earlier check gave. Rows that are cut off the end leave a
                chain that is whole, and only this shows it.
        """
        rows, last, head = 0, 0, FIRST_LINK
        anchored = anchor is None
        while page := await self._page(last):
            for row in page:
                if digest(head, row) != row.digest:
                    return ChainCheck(rows, head, row.row_id, anchored)
                rows, last, head = rows + 1, row.row_id, row.digest
                anchored = anchored or head == anchor
        return ChainCheck(rows, head, None, anchored)

    async def _page(self, after: int) -> Sequence[AuditRow]:
        wanted = select(AuditRow).where(AuditRow.row_id > after).order_by(AuditRow.row_id)
        async with self._database.reading() as session:
            return (await session.scalars(wanted.limit(ROWS_AT_ONCE))).all()

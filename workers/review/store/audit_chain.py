"""The chain that makes tampering with the trail show: each row's digest covers the one before.

Triggers refuse to change a row; who owns the database can remove the triggers. The chain does not
stop them. It makes a changed, added or removed row break every digest after it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.store.audit_table import AuditRow

FIRST_LINK: Final = "0" * 64
"""Stands before the first row."""

AUDIT_ADVISORY_LOCK: Final = 7_236_002
"""On PostgreSQL one transaction at a time adds to the chain; any number that nothing else locks."""

_PENDING: Final = "audit rows"


def put_aside(session: AsyncSession, row: AuditRow) -> None:
    """Keep a row for the end of the transaction."""
    session.info.setdefault(_PENDING, []).append(row)


async def seal(session: AsyncSession) -> None:
    """Add the rows that were put aside, as the last thing that the transaction does.

    Last, because the chain is locked from here to the commit: a transaction that then waited for
    an item, whose holder waits for the chain, would wait for ever.
    """
    rows: list[AuditRow] = session.info.pop(_PENDING, [])
    if not rows:
        return
    # On SQLite the transaction is the only one that writes.
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": AUDIT_ADVISORY_LOCK}
        )
    newest = select(AuditRow.digest).order_by(AuditRow.row_id.desc()).limit(1)
    previous = await session.scalar(newest) or FIRST_LINK
    for row in rows:
        row.digest = previous = digest(previous, row)
        session.add(row)
        await session.flush()  # one by one: their numbers must follow the chain


def digest(previous: str, row: AuditRow) -> str:
    """SHA-256 over the digest before and everything that the row says, in hexadecimal."""
    said = [
        previous,
        row.at.astimezone(UTC).isoformat(),
        row.event,
        row.actor,
        None if row.verdict_id is None else str(row.verdict_id),
        row.origin,
        row.detail,
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

"""What the console's settings were, and since when: a row of the trail whenever they change."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.audit_table import AuditRow
from workers.review.store.database import Database


async def record_settings(
    database: Database, audit: AuditTrail, settings: Mapping[str, str]
) -> None:
    """Note the settings, unless they are those that were noted last.

    Args:
        database: where the trail is.
        audit: adds to it.
        settings: by name, without secrets.
    """
    noted_last = (
        select(AuditRow.detail)
        .where(AuditRow.event == AuditEvent.SETTINGS)
        .order_by(AuditRow.row_id.desc())
        .limit(1)
    )
    async with database.writing() as session:
        if await session.scalar(noted_last) != settings:
            audit.add(session, AuditEvent.SETTINGS, detail=settings)

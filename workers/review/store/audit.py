"""The audit trail: who did what, when. Rows are only ever added; the database refuses the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.store.audit_chain import put_aside
from workers.review.store.audit_table import AuditRow
from workers.review.store.tables import Account


class AuditEvent(StrEnum):
    """What can be in the trail."""

    ACCOUNT = "account"
    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    VIEW = "view"
    VIEW_MEDIUM = "view_medium"
    RESERVE = "reserve"
    CLAIM = "claim"
    RELEASE = "release"
    DECIDE = "decide"
    UNDO = "undo"
    GOLDEN = "golden"
    APPEAL = "appeal"
    TOKEN = "token"  # noqa: S105 - what happened, and no secret
    WEBHOOK = "webhook"
    CONSENT = "consent"
    ERASE = "erase"
    EXPORT = "export"
    SETTINGS = "settings"


class AuditTrail:
    """Adds rows inside the caller's transaction, so that a deed and its record stand together."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def add(
        self,
        session: AsyncSession,
        event: AuditEvent,
        *,
        actor: Account | None = None,
        verdict_id: UUID | None = None,
        origin: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> None:
        """Add a row under the actor's pseudonym."""
        put_aside(
            session,
            AuditRow(
                at=self._clock(),
                event=event,
                actor=actor.pseudonym if actor else None,
                verdict_id=verdict_id,
                origin=origin,
                detail=dict(detail) if detail else None,
            ),
        )


async def count_since(
    session: AsyncSession, event: AuditEvent, origin: str, since: datetime
) -> int:
    """How often the event was recorded for the origin since a moment."""
    counted = await session.scalar(
        select(func.count()).where(
            AuditRow.event == event, AuditRow.origin == origin, AuditRow.at > since
        )
    )
    return counted or 0

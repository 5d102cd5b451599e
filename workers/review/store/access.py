"""Ending whatever lets a person or program in under an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.store.access_tables import Token
from workers.review.store.tables import Session


async def end_logins(session: AsyncSession, account_id: UUID) -> None:
    """End every login of the account, wherever a copy of its cookie is."""
    await session.execute(delete(Session).where(Session.account_id == account_id))


async def end_tokens(session: AsyncSession, account_id: UUID, now: datetime) -> None:
    """Revoke every token of the account."""
    await session.execute(
        update(Token)
        .where(Token.account_id == account_id, Token.revoked_at.is_(None))
        .values(revoked_at=now)
    )

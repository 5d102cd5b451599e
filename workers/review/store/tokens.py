"""Tokens of the API: shown once, kept as a hash, bound to an account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import select

from workers.review.clock import Clock
from workers.review.errors import AccountError
from workers.review.store.access_tables import Token
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.tables import Account

PREFIX: Final = "moderation_"
"""Lets scanners for leaked secrets recognise one."""
SECRET_BYTES: Final = 32
LONGEST_NAME: Final = 64


class Tokens:
    """Issues, finds and revokes tokens."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def issue(self, account: Account, name: str, lifetime: timedelta) -> tuple[Token, str]:
        """A token for the account, and its secret, which nobody can look up again.

        Raises:
            AccountError: the name is empty or too long.
        """
        if not 1 <= len(name) <= LONGEST_NAME:
            raise AccountError(f"A token's name has 1 to {LONGEST_NAME} characters.")
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        now = self._clock()
        token = Token(
            token_id=uuid4(),
            token_hash=_hash(secret),
            account_id=account.account_id,
            name=name,
            created_at=now,
            expires_at=now + lifetime,
        )
        async with self._database.writing() as session:
            session.add(token)
            self._audit.add(
                session,
                AuditEvent.TOKEN,
                actor=account,
                detail={"set": "issued", "token": str(token.token_id), "name": name},
            )
        return token, secret

    async def find(self, secret: str) -> tuple[Token, Account] | None:
        """The token and its account; None for one that is unknown, over or revoked."""
        wanted = (
            select(Token, Account)
            .join(Account, Account.account_id == Token.account_id)
            .where(
                Token.token_hash == _hash(secret),
                Token.expires_at > self._clock(),
                Token.revoked_at.is_(None),
                Account.active.is_(True),
            )
        )
        async with self._database.reading() as session:
            row = (await session.execute(wanted)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def revoke(self, token_id: UUID) -> None:
        """End a token at once.

        Raises:
            AccountError: there is no such token, or it was revoked before.
        """
        async with self._database.writing() as session:
            token = await session.get(Token, token_id)
            if token is None or token.revoked_at is not None:
                raise AccountError(f"There is no token {token_id} in use.")
            token.revoked_at = self._clock()
            self._audit.add(
                session, AuditEvent.TOKEN, detail={"set": "revoked", "token": str(token_id)}
            )


def _hash(secret: str) -> str:
    # No slow hash: 256 random bits cannot be guessed.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()

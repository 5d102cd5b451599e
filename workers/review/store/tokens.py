"""Tokens of the API: shown once, kept as a hash, bound to an account."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, select

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
LIFETIME: Final = timedelta(days=90)
"""A quarter: rotated as often as most rules for secrets ask."""


class Tokens:
    """Issues, lists, finds and revokes tokens."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def issue(
        self,
        account_id: UUID,
        name: str,
        *,
        by: Account | None = None,
        lifetime: timedelta | None = None,
        no_later_than: datetime | None = None,
    ) -> tuple[Token, str]:
        """A token for an account, and its secret, which nobody can look up again.

        Args:
            account_id: whose; the token may do what the account's role may.
            name: what it is for.
            by: the admin who does it; None on the command line.
            lifetime: how long it holds; :data:`LIFETIME` unless given, or less by the next.
            no_later_than: the end of the token that asks for it. It gives nobody more time than
                it has, or who finds one that is about to end would make one that never does.

        Raises:
            AccountError: the name is empty or too long, there is no such account or it is closed,
                or the token would outlast the one that asks for it.
        """
        if not 1 <= len(name) <= LONGEST_NAME:
            raise AccountError(f"A token's name has 1 to {LONGEST_NAME} characters.")
        secret = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
        now = self._clock()
        async with self._database.writing() as session:
            account = await session.get(Account, account_id)
            if account is None:
                raise AccountError(f"There is no account {str(account_id)!r}; add it first.")
            if not account.active:
                raise AccountError(f"{account.name} is closed; open the account first.")
            token = Token(
                token_id=uuid4(),
                token_hash=_hash(secret),
                account_id=account_id,
                name=name,
                created_at=now,
                expires_at=_end(now, lifetime, no_later_than),
            )
            session.add(token)
            self._audit.add(
                session,
                AuditEvent.TOKEN,
                actor=by,
                detail={
                    "set": "issued",
                    "of": account.pseudonym,
                    "token": str(token.token_id),
                    "name": name,
                    "until": token.expires_at.isoformat(),
                },
            )
        return token, secret

    async def in_use(self) -> Sequence[Token]:
        """Every token that opens something, the newest first."""
        wanted = (
            select(Token)
            .join(Account, Account.account_id == Token.account_id)
            .where(*self._usable())
            .order_by(Token.created_at.desc(), Token.token_id)
        )
        async with self._database.reading() as session:
            return (await session.scalars(wanted)).all()

    async def find(self, secret: str) -> tuple[Token, Account] | None:
        """The token and its account; None for one that is unknown, over or revoked."""
        wanted = (
            select(Token, Account)
            .join(Account, Account.account_id == Token.account_id)
            .where(Token.token_hash == _hash(secret), *self._usable())
        )
        async with self._database.reading() as session:
            row = (await session.execute(wanted)).one_or_none()
        return None if row is None else (row[0], row[1])

    async def revoke(self, token_id: UUID, *, by: Account | None = None) -> None:
        """End a token at once; ``by`` is the admin who does it, None on the command line.

        Raises:
            AccountError: there is no such token, or it was revoked before.
        """
        async with self._database.writing() as session:
            token = await session.get(Token, token_id)
            if token is None or token.revoked_at is not None:
                raise AccountError(f"There is no token {token_id} in use.")
            token.revoked_at = self._clock()
            self._audit.add(
                session,
                AuditEvent.TOKEN,
                actor=by,
                detail={"set": "revoked", "token": str(token_id)},
            )

    def _usable(self) -> tuple[ColumnElement[bool], ...]:
        """Of a token beside its account: neither is over."""
        return (
            Token.expires_at > self._clock(),
            Token.revoked_at.is_(None),
            Account.active.is_(True),
        )


def _end(now: datetime, lifetime: timedelta | None, latest: datetime | None) -> datetime:
    """When a token ends that is made now."""
    wanted = now + (lifetime or LIFETIME)
    if latest is None or wanted <= latest:
        return wanted
    if lifetime is None:
        return latest
    raise AccountError(
        f"Your own token ends on {latest:%Y-%m-%d %H:%M} UTC, and makes none that lasts longer. "
        f"Ask for less, or make it on the command line."
    )


def _hash(secret: str) -> str:
    # No slow hash: 256 random bits cannot be guessed.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()

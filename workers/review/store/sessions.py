"""Logins: a random id in a signed cookie, its hash in the table, and the keys that sign."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import Final

from itsdangerous import BadSignature, Signer
from sqlalchemy import delete, select

from workers.review.clock import Clock
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.tables import Account, Key, Session

KEY_NAME: Final = "cookies"
KEY_BYTES: Final = 32
SESSION_ID_BYTES: Final = 32


class Sessions:
    """Opens, finds and ends logins, and makes the CSRF token of each.

    :meth:`load_key` must have run once before anything is signed.
    """

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, lifetime: timedelta
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self.lifetime = lifetime
        self._key = b""

    async def load_key(self) -> None:
        """Read the signing key, or make it on the first start; all replicas share one."""
        async with self._database.writing() as session:
            row = await session.get(Key, KEY_NAME)
            if row is None:
                row = Key(name=KEY_NAME, value=secrets.token_bytes(KEY_BYTES))
                session.add(row)
            self._key = row.value

    async def open(self, account: Account) -> str:
        """Begin a login; returns the cookie's value. Logins that ended are swept out."""
        session_id = new_session_id()
        now = self._clock()
        async with self._database.writing() as session:
            await session.execute(delete(Session).where(Session.expires_at <= now))
            session.add(
                Session(
                    id_hash=_hash(session_id),
                    account_id=account.account_id,
                    created_at=now,
                    expires_at=now + self.lifetime,
                )
            )
        return self.sign(session_id)

    async def find(self, cookie: str | None) -> tuple[str, Account] | None:
        """Session id and account behind a cookie; None when it is forged, ended or closed."""
        session_id = self.unsign(cookie)
        if session_id is None:
            return None
        async with self._database.reading() as session:
            account: Account | None = await session.scalar(
                select(Account)
                .join(Session, Session.account_id == Account.account_id)
                .where(
                    Session.id_hash == _hash(session_id),
                    Session.expires_at > self._clock(),
                    Account.active.is_(True),
                )
            )
        return None if account is None else (session_id, account)

    async def end(self, session_id: str, account: Account) -> None:
        """Log out: the cookie is worthless from here on, wherever a copy of it is."""
        async with self._database.writing() as session:
            await session.execute(delete(Session).where(Session.id_hash == _hash(session_id)))
            self._audit.add(session, AuditEvent.LOGOUT, actor=account)

    def sign(self, value: str) -> str:
        """The value with a signature, for a cookie."""
        return Signer(self._key, salt="cookie", digest_method=hashlib.sha256).sign(value).decode()

    def unsign(self, cookie: str | None) -> str | None:
        """The value of a cookie that :meth:`sign` made; None for any other."""
        if not cookie:
            return None
        signer = Signer(self._key, salt="cookie", digest_method=hashlib.sha256)
        try:
            return signer.unsign(cookie).decode()
        except BadSignature:
            return None

    def csrf_token(self, session_id: str) -> str:
        """The token that every form of this session carries."""
        return self.keyed_hash("csrf", session_id)

    def keyed_hash(self, purpose: str, *parts: str) -> str:
        """A hash that nobody without the key can compute or reverse by guessing, 32 hex digits."""
        message = "\x00".join((purpose, *parts)).encode(errors="surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()[:32]


def new_session_id() -> str:
    """A fresh, unguessable id."""
    return secrets.token_urlsafe(SESSION_ID_BYTES)


def _hash(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()

"""Local accounts: argon2id password hashes, and the pseudonym under which a person is known."""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import AccountError, LoginRefusedError, TooManyLoginsError
from workers.review.roles import Role
from workers.review.store.audit import AuditEvent, AuditTrail, count_since
from workers.review.store.database import Database
from workers.review.store.tables import Account

ACCOUNT_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
LEAST_PASSWORD_LENGTH: Final = 12
"""Characters. NIST SP 800-63B asks for 8 at least, OWASP for more where no second factor stands."""
MOST_PASSWORD_LENGTH: Final = 256
"""Characters; a bound on the work that a login form can ask for."""
GENERATED_PASSWORD_BYTES: Final = 15
"""120 bits: 20 characters of base64."""

NO_PASSWORD: Final = "!"  # noqa: S105 - says that there is none
"""In place of a hash: the person signs in with a provider."""

FAILURE_WINDOW: Final = timedelta(minutes=15)
FAILURES_OF_ADDRESS: Final = 10
"""An address may fail this many times as often as one name from it: offices share addresses."""


class Accounts:
    """Makes accounts and checks passwords.

    Args:
        database: where the accounts are.
        audit: told of every login and every failed one.
        clock: the time, for the window of failures.
        hasher: the cost of a guess. argon2's own defaults are RFC 9106's second recommendation:
            64 MiB, 3 passes, 4 lanes.
        failures_allowed: of one name from one address in :data:`FAILURE_WINDOW`.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        hasher: PasswordHasher,
        *,
        failures_allowed: int,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._failures_allowed = failures_allowed
        self._hasher = hasher
        # A name that does not exist costs the same work as one that does.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    async def add(self, name: str, password: str, role: Role = Role.REVIEWER) -> Account:
        """Make an account.

        Raises:
            AccountError: the name or password is out of bounds, or the name is taken.
        """
        _check(name, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.writing() as session:
            return await self._add(session, name, password_hash, role)

    async def add_first(self, name: str, password: str) -> Account | None:
        """Make the account if there is none at all, an admin's; None when there is one already."""
        _check(name, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.writing() as session:
            if await session.scalar(select(func.count()).select_from(Account)):
                return None
            return await self._add(session, name, password_hash, Role.ADMIN)

    async def exist(self) -> bool:
        """Whether there is any account."""
        async with self._database.reading() as session:
            return bool(await session.scalar(select(func.count()).select_from(Account)))

    async def set_password(self, name: str, password: str) -> None:
        """Give an account a new password.

        Raises:
            AccountError: there is no such account, it has no password here, or the password is
                out of bounds.
        """
        _check(name, password)
        password_hash = await asyncio.to_thread(self._hasher.hash, password)
        async with self._database.writing() as session:
            account = await _existing(session, Account.name == name, name)
            if account.password_hash == NO_PASSWORD:
                raise AccountError(f"{name} signs in with your provider and has no password here.")
            account.password_hash = password_hash
            self._audit.add(session, AuditEvent.ACCOUNT, actor=account, detail={"set": "password"})

    async def everybody(self) -> Sequence[Account]:
        """Every account, by name."""
        async with self._database.reading() as session:
            return (await session.scalars(select(Account).order_by(Account.name))).all()

    async def named(self, name: str) -> Account:
        """The account of this name.

        Raises:
            AccountError: there is none.
        """
        async with self._database.reading() as session:
            return await _existing(session, Account.name == name, name)

    async def set_role(self, account_id: UUID, role: Role, by: Account | None = None) -> None:
        """Give an account another role.

        Args:
            account_id: whose.
            role: which.
            by: the admin who does it; None on the command line.

        Raises:
            AccountError: there is no such account, or it is the last admin's.
        """
        async with self._database.writing() as session:
            account = await _existing(session, Account.account_id == account_id, str(account_id))
            others = await session.scalar(
                select(func.count()).where(
                    Account.role == Role.ADMIN,
                    Account.active.is_(True),
                    Account.account_id != account_id,
                )
            )
            if account.role == Role.ADMIN and role is not Role.ADMIN and not others:
                raise AccountError(
                    f"{account.name} is the only admin; make somebody else an admin first."
                )
            account.role = role
            self._audit.add(
                session,
                AuditEvent.ACCOUNT,
                actor=by,
                detail={"of": account.pseudonym, "role": role},
            )

    async def log_in(self, name: str, password: str, *, address: str, name_origin: str) -> Account:
        """The account, if the password is right.

        Args:
            name: as typed.
            password: as typed.
            address: a keyed hash of the network address.
            name_origin: a keyed hash of name and address together.

        Raises:
            TooManyLoginsError: too many failures in the last 15 minutes; the password was not
                looked at.
            LoginRefusedError: name or password is wrong, or the account is closed.
        """
        await self._refuse_floods(address, name_origin)
        async with self._database.reading() as session:
            account = await _named(session, name)
        usable = account is not None and account.active and account.password_hash != NO_PASSWORD
        hashed = account.password_hash if account is not None and usable else self._nobody
        right = await asyncio.to_thread(self._verify, hashed, password[:MOST_PASSWORD_LENGTH])
        async with self._database.writing() as session:
            if account is not None and usable and right:
                self._audit.add(session, AuditEvent.LOGIN, actor=account, origin=address)
                return account
            for origin in (address, name_origin):
                self._audit.add(session, AuditEvent.LOGIN_FAILED, origin=origin)
        raise LoginRefusedError("Name or password is wrong. Check both and try again.")

    async def _refuse_floods(self, address: str, name_origin: str) -> None:
        since = self._clock() - FAILURE_WINDOW
        limits = {
            name_origin: self._failures_allowed,
            address: self._failures_allowed * FAILURES_OF_ADDRESS,
        }
        async with self._database.reading() as session:
            for origin, allowed in limits.items():
                failed = await count_since(session, AuditEvent.LOGIN_FAILED, origin, since)
                if failed >= allowed:
                    minutes = FAILURE_WINDOW.total_seconds() / 60
                    raise TooManyLoginsError(
                        f"Too many failed logins. Wait {minutes:.0f} minutes and try again.",
                        int(FAILURE_WINDOW.total_seconds()),
                    )

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _add(
        self, session: AsyncSession, name: str, password_hash: str, role: Role
    ) -> Account:
        if await _named(session, name) is not None:
            raise AccountError(f"There is an account {name!r} already; choose another name.")
        account_id = uuid4()
        account = Account(
            account_id=account_id,
            name=name,
            pseudonym=pseudonym_of(account_id),
            password_hash=password_hash,
            role=role,
            active=True,
            created_at=self._clock(),
        )
        session.add(account)
        self._audit.add(session, AuditEvent.ACCOUNT, actor=account, detail={"add": role})
        return account


def pseudonym_of(account_id: UUID) -> str:
    """Of the id, which nobody can guess, and not of the name: names can be guessed and hashed."""
    return f"reviewer-{hashlib.sha256(account_id.bytes).hexdigest()[:12]}"


def generated_password() -> str:
    """A password that nobody has to think up: 120 random bits."""
    return secrets.token_urlsafe(GENERATED_PASSWORD_BYTES)


def _check(name: str, password: str) -> None:
    if not ACCOUNT_NAME.fullmatch(name):
        raise AccountError(
            f"{name!r} is no login name: use 1 to 64 of a-z, 0-9, dot, dash and underscore, "
            f"beginning with a letter or digit."
        )
    if not LEAST_PASSWORD_LENGTH <= len(password) <= MOST_PASSWORD_LENGTH:
        raise AccountError(
            f"The password has {len(password)} characters; use {LEAST_PASSWORD_LENGTH} to "
            f"{MOST_PASSWORD_LENGTH}."
        )


async def _named(session: AsyncSession, name: str) -> Account | None:
    account: Account | None = await session.scalar(select(Account).where(Account.name == name))
    return account


async def _existing(session: AsyncSession, which: ColumnElement[bool], said: str) -> Account:
    account: Account | None = await session.scalar(select(Account).where(which))
    if account is None:
        raise AccountError(f"There is no account {said!r}; add it first.")
    return account

"""Local accounts: argon2id password hashes, and the pseudonym under which a person is known."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import AccountError, LoginRefusedError, TooManyLoginsError
from workers.review.roles import Role
from workers.review.store.access import end_logins, end_tokens
from workers.review.store.audit import AuditEvent, AuditTrail, count_since
from workers.review.store.credentials import (
    MOST_PASSWORD_LENGTH,
    NO_PASSWORD,
    check_name,
    check_password,
)
from workers.review.store.database import Database
from workers.review.store.tables import Account

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

    async def add(
        self, name: str, password: str, role: Role = Role.REVIEWER, *, by: Account | None = None
    ) -> Account:
        """Make an account; ``by`` is the admin who does it, None on the command line.

        Raises:
            AccountError: the name or password is out of bounds, or the name is taken.
        """
        check_name(name)
        password_hash = await self._hashed(password)
        try:
            async with self._database.writing() as session:
                return await self._add(session, name, password_hash, role, by)
        except IntegrityError:  # somebody made one of the same name at the same moment
            raise _taken(name) from None

    async def add_first(self, name: str, password: str) -> Account | None:
        """Make the account if there is none at all, an admin's; None when there is one already."""
        check_name(name)
        password_hash = await self._hashed(password)
        async with self._database.writing() as session:
            if await session.scalar(select(func.count()).select_from(Account)):
                return None
            return await self._add(session, name, password_hash, Role.ADMIN, None)

    async def exist(self) -> bool:
        """Whether there is any account."""
        async with self._database.reading() as session:
            return bool(await session.scalar(select(func.count()).select_from(Account)))

    async def set_password(
        self, account_id: UUID, password: str, *, by: Account | None = None
    ) -> None:
        """Give an account a new password; whoever came in with the old one is signed out.

        Raises:
            AccountError: there is no such account, it has no password here, or the password is
                out of bounds.
        """
        password_hash = await self._hashed(password)
        async with self._database.writing() as session:
            account = await _existing(session, Account.account_id == account_id, str(account_id))
            if account.password_hash == NO_PASSWORD:
                raise AccountError(
                    f"{account.name} signs in with your provider and has no password here."
                )
            account.password_hash = password_hash
            await end_logins(session, account_id)
            self._note(session, account, by, {"set": "password"})

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
            if role is not Role.ADMIN:
                await _require_other_admin(session, account)
            account.role = role
            self._note(session, account, by, {"role": role})

    async def set_active(
        self, account_id: UUID, *, active: bool, by: Account | None = None
    ) -> None:
        """Close an account, or open it again. Closed, its logins and tokens have ended for good.

        Raises:
            AccountError: there is no such account, or it is the last admin's.
        """
        async with self._database.writing() as session:
            account = await _existing(session, Account.account_id == account_id, str(account_id))
            if account.active == active:
                return
            if not active:
                await _require_other_admin(session, account)
                await end_logins(session, account_id)
                await end_tokens(session, account_id, self._clock())
            account.active = active
            self._note(session, account, by, {"set": "opened" if active else "closed"})

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

    async def _hashed(self, password: str) -> str:
        check_password(password)
        return await asyncio.to_thread(self._hasher.hash, password)

    async def _add(
        self,
        session: AsyncSession,
        name: str,
        password_hash: str,
        role: Role,
        by: Account | None,
    ) -> Account:
        if await _named(session, name) is not None:
            raise _taken(name)
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
        self._note(session, account, by, {"add": role})
        return account

    def _note(
        self, session: AsyncSession, account: Account, by: Account | None, done: dict[str, str]
    ) -> None:
        """Tell the trail what was done to an account; nobody stands for the command line."""
        detail = {"of": account.pseudonym} | done
        self._audit.add(session, AuditEvent.ACCOUNT, actor=by, detail=detail)


def pseudonym_of(account_id: UUID) -> str:
    """Of the id, which nobody can guess, and not of the name: names can be guessed and hashed."""
    return f"reviewer-{hashlib.sha256(account_id.bytes).hexdigest()[:12]}"


def _taken(name: str) -> AccountError:
    return AccountError(f"There is an account {name!r} already; choose another name.")


async def _named(session: AsyncSession, name: str) -> Account | None:
    account: Account | None = await session.scalar(select(Account).where(Account.name == name))
    return account


async def _existing(session: AsyncSession, which: ColumnElement[bool], said: str) -> Account:
    account: Account | None = await session.scalar(select(Account).where(which))
    if account is None:
        raise AccountError(f"There is no account {said!r}; add it first.")
    return account


async def _require_other_admin(session: AsyncSession, account: Account) -> None:
    """Refuse to take the last admin away. Locked, so that two cannot remove each other at once.

    Raises:
        AccountError: the account is the only admin that can log in.
    """
    found = await session.scalars(
        select(Account.account_id)
        .where(Account.role == Role.ADMIN, Account.active.is_(True))
        .order_by(Account.account_id)
        .with_for_update()
    )
    if set(found.all()) == {account.account_id}:
        raise AccountError(f"{account.name} is the only admin; make somebody else an admin first.")

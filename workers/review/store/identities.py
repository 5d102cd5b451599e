"""Accounts of people whom a sign-in provider vouches for; they have no password here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import SignInRefusedError
from workers.review.roles import Role
from workers.review.store.access import end_logins, end_tokens
from workers.review.store.accounts import pseudonym_of
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.credentials import NO_PASSWORD
from workers.review.store.database import Database
from workers.review.store.tables import Account, Session

BY: Final = "oidc"
LONGEST_NAME: Final = 48
"""Characters taken of a name, which leaves room for what tells two of the same apart."""
OTHER_CHARACTERS: Final = re.compile(r"[^a-z0-9._-]+")


class Identities:
    """Makes and finds the account of a provider's subject.

    The account's id is a keyed hash of issuer and subject: a name at the provider, which people
    may choose, never leads to an account that was there before.

    Args:
        database: where the accounts are.
        audit: told of each sign-in, refusal, new account and new role.
        clock: the time.
        keyed_hash: ``keyed_hash(purpose, *parts)``, 32 hexadecimal digits.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        keyed_hash: Callable[..., str],
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keyed_hash = keyed_hash

    async def sign_in(
        self, issuer: str, subject: str, *, name: str, role: Role, origin: str
    ) -> Account:
        """The person's account, made on the first time, with the role that they have now.

        Args:
            issuer: the provider.
            subject: who they are there.
            name: how they are called there.
            role: what they may do; the provider's word outweighs a role that was set here.
            origin: a keyed hash of the network address.

        Raises:
            SignInRefusedError: the account is closed.
        """
        account_id = self._account_id(issuer, subject)
        try:
            return await self._sign_in(account_id, name, role, origin)
        except IntegrityError:  # the same person, in another tab, at the same moment
            return await self._sign_in(account_id, name, role, origin)

    async def refused(self, why: str, *, origin: str) -> None:
        """Note that somebody was turned away."""
        async with self._database.writing() as session:
            self._note_refusal(session, why, origin, None)

    async def without_role(self, issuer: str, subject: str, *, origin: str) -> None:
        """Note that a person has no role (any more): their logins and tokens end."""
        async with self._database.writing() as session:
            account = await session.get(Account, self._account_id(issuer, subject))
            self._note_refusal(session, "no role", origin, account)
            if account is None:
                return
            await end_logins(session, account.account_id)
            await end_tokens(session, account.account_id, self._clock())

    async def end_local_logins(self) -> None:
        """End every login that a password opened."""
        local = select(Account.account_id).where(Account.password_hash != NO_PASSWORD)
        async with self._database.writing() as session:
            await session.execute(delete(Session).where(Session.account_id.in_(local)))

    async def _sign_in(self, account_id: UUID, name: str, role: Role, origin: str) -> Account:
        async with self._database.writing() as session:
            account = await session.get(Account, account_id)
            if account is None:
                account = await self._add(session, account_id, name, role)
            if not account.active:
                raise SignInRefusedError("Your account is closed. Ask an admin of the console.")
            if account.role != role:
                account.role = role
                detail = {"of": account.pseudonym, "role": role, "by": BY}
                self._audit.add(session, AuditEvent.ACCOUNT, detail=detail)
            self._audit.add(
                session, AuditEvent.LOGIN, actor=account, origin=origin, detail={"by": BY}
            )
            return account

    async def _add(self, session: AsyncSession, account_id: UUID, name: str, role: Role) -> Account:
        account = Account(
            account_id=account_id,
            name=await _free_name(session, name, account_id),
            pseudonym=pseudonym_of(account_id),
            password_hash=NO_PASSWORD,
            role=role,
            active=True,
            created_at=self._clock(),
        )
        session.add(account)
        detail = {"add": role, "by": BY}
        self._audit.add(session, AuditEvent.ACCOUNT, actor=account, detail=detail)
        return account

    def _note_refusal(
        self, session: AsyncSession, why: str, origin: str, account: Account | None
    ) -> None:
        self._audit.add(
            session,
            AuditEvent.LOGIN_FAILED,
            actor=account,
            origin=origin,
            detail={"by": BY, "why": why},
        )

    def _account_id(self, issuer: str, subject: str) -> UUID:
        return UUID(hex=self._keyed_hash("identity", issuer, subject))


async def _free_name(session: AsyncSession, name: str, account_id: UUID) -> str:
    """The name as accounts are named; with some digits where another account has it."""
    plain = OTHER_CHARACTERS.sub("-", name.lower()).strip("._-")[:LONGEST_NAME] or "person"
    taken = await session.scalar(select(Account.account_id).where(Account.name == plain))
    return plain if taken is None else f"{plain}-{hashlib.sha256(account_id.bytes).hexdigest()[:8]}"

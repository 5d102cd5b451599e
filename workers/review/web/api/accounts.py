"""Accounts for programs: who may log in, and as what."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from workers.review.store.credentials import generated_password
from workers.review.web.api.access_models import (
    AccountMade,
    AccountShown,
    AccountWanted,
    ActiveWanted,
    PasswordMade,
    RoleWanted,
)
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["accounts"], prefix=f"{API_PREFIX}/accounts")


@router.get("")
async def accounts(login: SignedIn, console: TheConsole) -> list[AccountShown]:
    """Who may log in, and as what."""
    del login
    found = await console.parts.accounts.everybody()
    return [AccountShown.model_validate(one, extra="ignore") for one in found]


@router.post("", status_code=201)
async def add(wanted: AccountWanted, login: SignedIn, console: TheConsole) -> AccountMade:
    """Make an account; the answer holds its password."""
    password = generated_password()
    made = await console.parts.accounts.add(wanted.name, password, wanted.role, by=login.account)
    shown = AccountShown.model_validate(made, extra="ignore")
    return AccountMade(**shown.model_dump(), password=password)


@router.put("/{account_id}/role", status_code=204)
async def set_role(
    account_id: UUID, wanted: RoleWanted, login: SignedIn, console: TheConsole
) -> None:
    """Give an account another role, from its next request on."""
    await console.parts.accounts.set_role(account_id, wanted.role, by=login.account)


@router.put("/{account_id}/active", status_code=204)
async def set_active(
    account_id: UUID, wanted: ActiveWanted, login: SignedIn, console: TheConsole
) -> None:
    """Close an account, or open it again. Closing ends its logins and tokens for good."""
    await console.parts.accounts.set_active(account_id, active=wanted.active, by=login.account)


@router.post("/{account_id}/password")
async def reset_password(account_id: UUID, login: SignedIn, console: TheConsole) -> PasswordMade:
    """Give an account a new password, which the answer holds; its logins end."""
    password = generated_password()
    await console.parts.accounts.set_password(account_id, password, by=login.account)
    return PasswordMade(password=password)

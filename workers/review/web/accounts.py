"""The accounts page: who may log in, and as what."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from workers.review.errors import BadRequestError
from workers.review.store import Role
from workers.review.web.pages import render
from workers.review.web.security import GuardedForm, SignedIn, TheConsole, text_field

router = APIRouter(prefix="/accounts")


@router.get("")
async def accounts_page(request: Request, login: SignedIn, console: TheConsole) -> Response:
    """Every account with its role."""
    context = {"accounts": await console.parts.accounts.everybody(), "roles": list(Role)}
    return render(request, "accounts.html", context, login=login)


@router.post("/{account_id}/role")
async def set_role(
    account_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Give an account another role, from its next request on."""
    value = text_field(form, "role", longest=32)
    if value not in set(Role):
        raise BadRequestError(f"{value!r} is no role; choose {', '.join(Role)}.")
    await console.parts.accounts.set_role(account_id, Role(value), by=login.account)
    return RedirectResponse("/accounts", status_code=303)

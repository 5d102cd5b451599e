"""Signing in and out."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from workers.review.errors import ForbiddenError, LoginRefusedError, TooManyLoginsError
from workers.review.store import Account
from workers.review.store.sessions import new_session_id
from workers.review.web.console import Console
from workers.review.web.pages import render
from workers.review.web.refusals import refusals
from workers.review.web.security import (
    GuardedForm,
    SignedIn,
    TheConsole,
    require_token,
    text_field,
)

VISIT_SECONDS: Final = 3_600
"""How long an open login page can still be sent."""
LONGEST_FIELD: Final = 1_024

router = APIRouter()


def safe_target(target: str) -> str:
    """Where to go after signing in: a path of this console, else the queue."""
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    return target if inside and target.isprintable() else "/"


def _visit_cookie(console: Console) -> str:
    return f"{console.session_cookie}-visit"


@router.get("/login")
async def login_page(
    request: Request,
    console: TheConsole,
    target: Annotated[str, Query(alias="next", max_length=LONGEST_FIELD)] = "/",
) -> Response:
    """The login form. A signed cookie ties it to this browser, so nobody can log others in."""
    return _form(request, console, target=safe_target(target))


@router.post("/login")
async def log_in(request: Request, console: TheConsole) -> Response:
    """Check name and password, and begin a session."""
    address = address_of(request)
    console.logins.take(address)
    if not console.local_accounts:
        raise ForbiddenError("Names and passwords are switched off. Use your sign-in provider.")
    form = await request.form(max_files=0, max_fields=16)
    visit = console.parts.sessions.unsign(request.cookies.get(_visit_cookie(console)))
    require_token(form, console.parts.sessions.keyed_hash("login", visit or new_session_id()))
    name = text_field(form, "name", longest=LONGEST_FIELD).strip().lower()
    password = text_field(form, "password", longest=LONGEST_FIELD)
    target = safe_target(text_field(form, "next", longest=LONGEST_FIELD))
    try:
        account = await console.parts.accounts.log_in(
            name,
            password,
            address=console.parts.sessions.keyed_hash("address", address),
            name_origin=console.parts.sessions.keyed_hash("name", address, name),
        )
    except (LoginRefusedError, TooManyLoginsError) as error:
        return _form(request, console, target=target, name=name, error=error)
    response = RedirectResponse(target, status_code=303)
    await begin_session(response, console, account)
    response.delete_cookie(_visit_cookie(console), secure=console.behind_https, httponly=True)
    return response


@router.post("/logout")
async def log_out(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """End the session, here and wherever a copy of the cookie may be."""
    del form
    await console.parts.sessions.end(login.session_id, login.account)
    response = RedirectResponse("/login", status_code=303)
    response.delete_cookie(console.session_cookie, secure=console.behind_https, httponly=True)
    return response


def _form(
    request: Request,
    console: Console,
    *,
    target: str,
    name: str = "",
    error: LoginRefusedError | TooManyLoginsError | None = None,
) -> Response:
    visit = new_session_id()
    response = render(
        request,
        "login.html",
        {
            "target": target,
            "name": name,
            "error": refusals(request)(str(error)) if error else None,
            "local": console.local_accounts,
            "provider": console.sign_on is not None,
            "csrf": console.parts.sessions.keyed_hash("login", visit),
        },
        status_code=error.status if error else 200,
    )
    if isinstance(error, TooManyLoginsError):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    cookie = console.parts.sessions.sign(visit)
    set_cookie(response, console, _visit_cookie(console), cookie, VISIT_SECONDS)
    return response


async def begin_session(response: Response, console: Console, account: Account) -> None:
    """Sign the browser that gets the response in."""
    cookie = await console.parts.sessions.open(account)
    seconds = int(console.parts.sessions.lifetime.total_seconds())
    set_cookie(response, console, console.session_cookie, cookie, seconds)


def address_of(request: Request) -> str:
    """Where the request comes from, for limits; a hash of it goes to the trail."""
    return request.client.host if request.client else "unknown"


def set_cookie(response: Response, console: Console, name: str, value: str, seconds: int) -> None:
    """Set a cookie that no script reads and no other site sends along with a form."""
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=console.behind_https,
    )

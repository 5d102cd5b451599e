"""Signing in with the provider of the settings: off to it, and back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from workers.review.errors import NoRoleError, ProviderError, SignInRefusedError
from workers.review.sso import Answer, SignOn, require_role
from workers.review.sso.sign_on import CALLBACK_PATH, TIME_TO_SIGN_IN
from workers.review.store import Account
from workers.review.store.sessions import new_session_id
from workers.review.web.console import Console
from workers.review.web.login import (
    LONGEST_FIELD,
    address_of,
    begin_session,
    safe_target,
    set_cookie,
)
from workers.review.web.pages import reader, render
from workers.review.web.refusals import refusals
from workers.review.web.security import TheConsole
from workers.streams import get_logger

LONGEST_CODE: Final = 4_096
KNOWN_ERRORS: Final = frozenset(
    {"access_denied", "login_required", "consent_required", "interaction_required", "server_error"}
)
"""Of the codes that a provider may send, those that the trail repeats; a browser can send any."""

log = get_logger(__name__)
router = APIRouter()
Parameter = Annotated[str, Field(max_length=LONGEST_CODE)]


class Returned(BaseModel):
    """What a provider may put into the address that it sends the browser back to."""

    code: Parameter = ""
    state: Parameter = ""
    iss: Parameter | None = None
    error: Parameter = ""


def _cookie(console: Console) -> str:
    return f"{console.session_cookie}-oidc"


def _provider(console: Console) -> SignOn:
    if console.sign_on is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return console.sign_on


@router.get("/login/oidc")
async def go_to_provider(
    request: Request,
    console: TheConsole,
    target: Annotated[str, Query(alias="next", max_length=LONGEST_FIELD)] = "/",
) -> Response:
    """Send the browser to the provider. A signed cookie ties the answer to this browser."""
    sign_on = _provider(console)
    console.logins.take(address_of(request))
    started = await sign_on.start(new_session_id(), safe_target(target))
    response = RedirectResponse(started.address, status_code=303)
    value = console.parts.sessions.sign(started.cookie)
    set_cookie(response, console, _cookie(console), value, int(TIME_TO_SIGN_IN.total_seconds()))
    return response


@router.get(CALLBACK_PATH)
async def come_back(
    request: Request, console: TheConsole, returned: Annotated[Returned, Query()]
) -> Response:
    """Take the provider's word, and begin a session or say on a plain page why not."""
    sign_on = _provider(console)
    address = address_of(request)
    console.logins.take(address)
    origin = console.parts.sessions.keyed_hash("address", address)
    cookie = console.parts.sessions.unsign(request.cookies.get(_cookie(console)))
    try:
        _require_success(returned.error)
        who, target = await sign_on.finish(
            cookie, Answer(returned.code, returned.state, returned.iss)
        )
        try:
            role = require_role(who)
        except NoRoleError:
            await console.parts.identities.without_role(who.issuer, who.subject, origin=origin)
            raise
        account = await console.parts.identities.sign_in(
            who.issuer, who.subject, name=who.name, role=role, origin=origin
        )
    except (SignInRefusedError, ProviderError) as refusal:
        why = _why(refusal, returned.error)
        if not isinstance(refusal, NoRoleError):
            await console.parts.identities.refused(why, origin=origin)
        log.warning("sign-in refused", why=why)
        response = _refusal(request, refusal)
    else:
        response = await _welcome(console, account, target)
    response.delete_cookie(_cookie(console), secure=console.behind_https, httponly=True)
    return response


def _require_success(error: str) -> None:
    if error:
        raise SignInRefusedError("The sign-in provider did not let you in. Sign in again.")


def _why(refusal: SignInRefusedError | ProviderError, error: str) -> str:
    return error if error in KNOWN_ERRORS else type(refusal).__name__


async def _welcome(console: Console, account: Account, target: str) -> Response:
    response = RedirectResponse(safe_target(target), status_code=303)
    await begin_session(response, console, account)
    return response


def _refusal(request: Request, refusal: SignInRefusedError | ProviderError) -> Response:
    message = refusals(request)(str(refusal))
    context = {"title": reader(request)("Sign in"), "message": message}
    return render(request, "error.html", context, status_code=refusal.status)

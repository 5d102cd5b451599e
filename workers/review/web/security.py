"""What guards every page: response headers, the login, and the CSRF token on every POST."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.datastructures import FormData, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workers.review.errors import BadRequestError, ForgedRequestError, SignedOutError
from workers.review.store import Account, Role
from workers.review.web.console import Console, console_of

CSRF_FIELD: Final = "csrf"
MOST_FIELDS: Final = 192
"""Of a form: each of a hundred near-identical items can be excluded, beside the decision."""

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script or style, nothing from elsewhere, no frames."""

MEDIA_POLICY: Final = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""For bytes that strangers posted: whatever they are, they may load and run nothing."""

HEADERS: Final = {
    "Content-Security-Policy": PAGE_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cache-Control": "no-store",
}
HSTS: Final = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware: every response carries :data:`HEADERS`, unless it set its own."""

    def __init__(self, app: ASGIApp, *, behind_https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": HSTS} if behind_https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the response's headers."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)


@dataclass(frozen=True, slots=True)
class Login:
    """Who is behind the request."""

    session_id: str
    account: Account
    csrf: str
    until: datetime | None = None
    """When a program's token ends."""

    @property
    def role(self) -> Role:
        """What the account may do, see ``permissions``."""
        return Role(self.account.role)


async def read_login(request: Request, console: Console) -> Login | None:
    """The login behind the session cookie, if there is one."""
    found = await console.parts.sessions.find(request.cookies.get(console.session_cookie))
    if found is None:
        return None
    session_id, account = found
    return Login(session_id, account, console.parts.sessions.csrf_token(session_id))


async def read_token(request: Request, console: Console) -> Login | None:
    """The login behind ``Authorization: Bearer …``, if there is one. It has no forms."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    found = await console.parts.tokens.find(secret.strip())
    if found is None:
        return None
    token, account = found
    return Login(str(token.token_id), account, csrf="", until=token.expires_at)


async def signed_in(request: Request) -> Login:
    """The login that ``permissions.authorise`` let through.

    Raises:
        SignedOutError: the route is open to anyone, so nobody was asked for.
    """
    login: Login | None = getattr(request.state, "login", None)
    if login is None:
        raise SignedOutError("Sign in to go on.")
    return login


async def guarded_form(request: Request, login: Annotated[Login, Depends(signed_in)]) -> FormData:
    """The form of a POST that came from a page of this session.

    Raises:
        ForgedRequestError: the CSRF token is missing or another session's.
    """
    form = await request.form(max_files=0, max_fields=MOST_FIELDS)
    require_token(form, login.csrf)
    return form


def require_token(form: FormData, expected: str) -> None:
    """Compare the form's CSRF token in constant time.

    Raises:
        ForgedRequestError: it is missing or wrong.
    """
    given = form.get(CSRF_FIELD)
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForgedRequestError(
            "This form has expired or did not come from the console. Reload the page and try again."
        )


def text_field(form: FormData, name: str, *, longest: int) -> str:
    """A text field of the form; empty when it is absent.

    Raises:
        BadRequestError: it is longer than ``longest`` characters.
    """
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise BadRequestError(
            f"The field {name!r} must be text of at most {longest:,} characters, without NUL."
        )
    return value


SignedIn = Annotated[Login, Depends(signed_in)]
GuardedForm = Annotated[FormData, Depends(guarded_form)]
TheConsole = Annotated[Console, Depends(console_of)]

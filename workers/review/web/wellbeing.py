"""A person's own page: what the day held, the restricted lane, the language, and the keys."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from workers.review.errors import BadRequestError
from workers.review.web import keys, languages
from workers.review.web.console import Console
from workers.review.web.keys import Keys
from workers.review.web.languages import NATIVE_NAMES, Language
from workers.review.web.pages import reader, render
from workers.review.web.security import GuardedForm, SignedIn, TheConsole, text_field
from workers.review.web.words import label

YEAR_SECONDS = 365 * 86_400

router = APIRouter(prefix="/wellbeing")


@router.get("")
async def wellbeing_page(request: Request, login: SignedIn, console: TheConsole) -> Response:
    """How the day stands, beside what is enough."""
    wellness, t = console.parts.wellness, reader(request)
    context = {
        "standing": await wellness.of(login.account),
        "limits": wellness.limits,
        "now": console.clock(),
        "lane": t(", ").join(t(label(name)) for name in sorted(wellness.limits.restricted)),
        "names": NATIVE_NAMES,
    }
    return render(request, "wellbeing.html", context, login=login)


@router.post("/consent")
async def consent(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Agree to see the restricted lane."""
    del form
    await console.parts.wellness.consent(login.account)
    return RedirectResponse("/wellbeing", status_code=303)


@router.post("/withdraw")
async def withdraw(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Take the agreement back."""
    del form
    await console.parts.wellness.withdraw_consent(login.account)
    return RedirectResponse("/wellbeing", status_code=303)


@router.post("/language")
async def choose_language(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Read the pages in another language, in this browser."""
    del login
    value = text_field(form, "language", longest=8)
    if value not in set(Language):
        raise BadRequestError(f"{value!r} is no language here; choose {', '.join(Language)}.")
    return _remembering(languages.COOKIE, value, console)


@router.post("/keys")
async def choose_keys(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Let single keys act or not, in this browser."""
    del login
    value = text_field(form, "keys", longest=8)
    if value not in set(Keys):
        raise BadRequestError(f"{value!r} is no choice here; choose {' or '.join(Keys)}.")
    return _remembering(keys.COOKIE, value, console)


def _remembering(cookie: str, value: str, console: Console) -> Response:
    response = RedirectResponse("/wellbeing", status_code=303)
    response.set_cookie(
        cookie,
        value,
        max_age=YEAR_SECONDS,
        httponly=True,
        samesite="lax",
        secure=console.behind_https,
    )
    return response

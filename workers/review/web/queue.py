"""The queue page: what waits, the most pressing first."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from schemas import CATEGORIES, Action
from workers.review.errors import RestError
from workers.review.store import Severity
from workers.review.store.queue_counts import CLAIMED
from workers.review.web.console import Console
from workers.review.web.languages import Translate
from workers.review.web.pages import reader, render
from workers.review.web.part import Part
from workers.review.web.security import GuardedForm, Login, SignedIn, TheConsole
from workers.review.web.turn import item_in_turn
from workers.review.web.views import queue_row

REFRESH_SECONDS: Final = 5
"""Between two looks at the queue: an escalation shows up while somebody still watches for it."""
PAGE_ITEMS: Final = 50
"""Rows of a page: more than anybody scrolls through before taking the next item."""

router = APIRouter()


class Shown(Part):
    """Which part of the queue, and what to say above it."""

    page: int = Field(1, ge=1, le=10_000)
    decided: Action | None = None
    item: UUID | None = None
    """What was decided."""
    alike: int = Field(0, ge=0, le=1_000)
    """How many items were decided with it."""
    empty: bool = False


ShownPart = Annotated[Shown, Query()]


@router.get("/")
async def queue_page(
    request: Request, login: SignedIn, console: TheConsole, shown: ShownPart
) -> Response:
    """The list of undecided items."""
    listing = await _listing(console, login, shown, reader(request))
    listing |= {"rules": await console.parts.queue.rules(), "severities": list(Severity)}
    return render(request, "queue.html", listing, login=login)


@router.get("/queue")
async def queue_rows(
    request: Request, login: SignedIn, console: TheConsole, shown: ShownPart
) -> Response:
    """The list alone, for the page to refresh itself."""
    return render(
        request, "_rows.html", await _listing(console, login, shown, reader(request)), login=login
    )


@router.post("/next")
async def claim_next(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Claim the most pressing item that nobody holds."""
    part = Part.of_form(form)
    claim = await console.parts.queue.claim_next(login.account, part.wanted())
    if claim is None:
        return RedirectResponse("/?empty=1", status_code=303)
    console.metrics.claims.inc()
    return RedirectResponse(item_in_turn(claim.verdict_id, part), status_code=303)


@router.post("/ahead", status_code=204)
async def make_ready(login: SignedIn, form: GuardedForm, console: TheConsole) -> None:
    """Reserve the next item and fetch its media, while the reviewer looks at another."""
    queue = console.parts.queue
    with suppress(RestError):  # said when the next item is asked for
        ahead = await queue.reserve_next(login.account, Part.of_form(form).wanted())
        if ahead is not None:
            await console.shelf.warm((await queue.content(ahead)).post)


async def _listing(console: Console, login: Login, shown: Shown, t: Translate) -> dict[str, Any]:
    now = console.clock()
    counts = await console.parts.queue.counts(closed=False)
    items = await console.parts.queue.open_items(
        login.account,
        shown.wanted(),
        limit=PAGE_ITEMS + 1,
        offset=(shown.page - 1) * PAGE_ITEMS,
    )
    gathered = await console.parts.queue.gathered(items, login.account)
    return {
        "undo_seconds": int(console.parts.undoing.within.total_seconds()),
        "rows": [
            queue_row(item, login.account, now, t, gathered.get(item.cluster))
            for item in items[:PAGE_ITEMS]
        ],
        "more": len(items) > PAGE_ITEMS,
        "shown": shown,
        "categories": CATEGORIES,
        "languages": counts.languages,
        "queues": counts.by_queue,
        "total": sum(counts.by_queue.values()),
        "claimed": counts.by_state[CLAIMED],
        "overdue": counts.overdue,
        "refresh_seconds": REFRESH_SECONDS,
    }

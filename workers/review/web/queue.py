"""The queue page: what waits, the most pressing first."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field

from schemas import Action
from schemas.base import storable
from workers.review.store.queue_counts import CLAIMED
from workers.review.web.console import Console
from workers.review.web.pages import render
from workers.review.web.security import GuardedForm, Login, SignedIn, TheConsole, text_field
from workers.review.web.views import queue_row

REFRESH_SECONDS: Final = 5
"""Between two looks at the queue: an escalation shows up while somebody still watches for it."""
PAGE_ITEMS: Final = 50
"""Rows of a page: more than anybody scrolls through before taking the next item."""

router = APIRouter()


class Shown(BaseModel):
    """Which part of the queue, and what to say above it."""

    queue: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=64)
    page: int = Field(1, ge=1, le=10_000)
    decided: Action | None = None
    item: UUID | None = None
    """What was decided."""
    empty: bool = False


ShownPart = Annotated[Shown, Query()]


@router.get("/")
async def queue_page(
    request: Request, login: SignedIn, console: TheConsole, shown: ShownPart
) -> Response:
    """The list of undecided items."""
    return render(request, "queue.html", await _listing(console, login, shown), login=login)


@router.get("/queue")
async def queue_rows(
    request: Request, login: SignedIn, console: TheConsole, shown: ShownPart
) -> Response:
    """The list alone, for the page to refresh itself."""
    return render(request, "_rows.html", await _listing(console, login, shown), login=login)


@router.post("/next")
async def claim_next(login: SignedIn, form: GuardedForm, console: TheConsole) -> Response:
    """Claim the most pressing item that nobody holds."""
    queue = text_field(form, "queue", longest=64) or None
    claim = await console.parts.queue.claim_next(login.account, queue)
    if claim is None:
        return RedirectResponse("/?empty=1", status_code=303)
    console.metrics.claims.inc()
    return RedirectResponse(f"/items/{claim.verdict_id}", status_code=303)


async def _listing(console: Console, login: Login, shown: Shown) -> dict[str, Any]:
    now = console.clock()
    counts = await console.parts.queue.counts()
    items = await console.parts.queue.open_items(
        login.account,
        queue=shown.queue,
        limit=PAGE_ITEMS + 1,
        offset=(shown.page - 1) * PAGE_ITEMS,
    )
    return {
        "undo_seconds": int(console.parts.undoing.within.total_seconds()),
        "rows": [queue_row(item, login.account, now) for item in items[:PAGE_ITEMS]],
        "more": len(items) > PAGE_ITEMS,
        "shown": shown,
        "queues": counts.by_queue,
        "total": sum(counts.by_queue.values()),
        "claimed": counts.by_state[CLAIMED],
        "overdue": counts.overdue,
        "refresh_seconds": REFRESH_SECONDS,
    }

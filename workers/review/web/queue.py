"""The queue page: what waits, the most pressing first."""

from __future__ import annotations

from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator

from schemas import CATEGORIES, Action
from schemas.base import storable
from workers.review.errors import BadRequestError
from workers.review.store import Severity, Wanted
from workers.review.store.queue_counts import CLAIMED
from workers.review.web.console import Console
from workers.review.web.languages import Translate
from workers.review.web.pages import reader, render
from workers.review.web.security import GuardedForm, Login, SignedIn, TheConsole, text_field
from workers.review.web.views import queue_row

REFRESH_SECONDS: Final = 5
"""Between two looks at the queue: an escalation shows up while somebody still watches for it."""
PAGE_ITEMS: Final = 50
"""Rows of a page: more than anybody scrolls through before taking the next item."""

PARTS: Final = ("queue", "category", "language", "rule", "severity")
"""By which the queue is looked at; fields of the query and of the form that takes the next item."""

router = APIRouter()


class Shown(BaseModel):
    """Which part of the queue, and what to say above it."""

    queue: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=64)
    category: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=32)
    language: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=35)
    rule: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=64)
    severity: Severity | None = None
    page: int = Field(1, ge=1, le=10_000)
    decided: Action | None = None
    item: UUID | None = None
    """What was decided."""
    empty: bool = False

    @field_validator(*PARTS, mode="before")
    @classmethod
    def _any(cls, value: object) -> object:
        return value or None  # what a form sends for "any"

    def wanted(self) -> Wanted:
        """The part of the queue."""
        return Wanted(self.queue, self.category, self.language, self.rule, self.severity)

    def kept(self) -> str:
        """The part as a query, for links to other pages of it."""
        return urlencode({name: value for name in PARTS if (value := getattr(self, name))})


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
    try:
        shown = Shown.model_validate({name: text_field(form, name, longest=64) for name in PARTS})
    except ValidationError:
        raise BadRequestError("There is no such part of the queue. Choose one above it.") from None
    claim = await console.parts.queue.claim_next(login.account, shown.wanted())
    if claim is None:
        return RedirectResponse("/?empty=1", status_code=303)
    console.metrics.claims.inc()
    return RedirectResponse(f"/items/{claim.verdict_id}", status_code=303)


async def _listing(console: Console, login: Login, shown: Shown, t: Translate) -> dict[str, Any]:
    now = console.clock()
    counts = await console.parts.queue.counts(closed=False)
    items = await console.parts.queue.open_items(
        login.account,
        shown.wanted(),
        limit=PAGE_ITEMS + 1,
        offset=(shown.page - 1) * PAGE_ITEMS,
    )
    return {
        "undo_seconds": int(console.parts.undoing.within.total_seconds()),
        "rows": [queue_row(item, login.account, now, t) for item in items[:PAGE_ITEMS]],
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

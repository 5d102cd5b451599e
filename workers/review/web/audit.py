"""The audit page: who did what, newest first."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response

from workers.review.web.pages import render
from workers.review.web.security import SignedIn, TheConsole

PAGE_ROWS: Final = 100

router = APIRouter(prefix="/audit")


@router.get("")
async def audit_page(
    request: Request,
    login: SignedIn,
    console: TheConsole,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> Response:
    """A page of the trail, under the reviewers' pseudonyms."""
    rows = await console.parts.trail.newest(PAGE_ROWS + 1, before)
    shown = rows[:PAGE_ROWS]
    context = {"rows": shown, "older": shown[-1].row_id if len(rows) > PAGE_ROWS else None}
    return render(request, "audit.html", context, login=login)

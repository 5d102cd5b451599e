"""The quality page: agreement, golden posts, overturned verdicts; and the same as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from workers.review.store import QualityFigures
from workers.review.web.console import Console
from workers.review.web.figures import Period, ThePeriod, days_of
from workers.review.web.pages import render
from workers.review.web.security import GuardedForm, SignedIn, TheConsole

DEFAULT_PERIOD: Final = timedelta(days=30)
"""As the metrics have it."""
CSV_COLUMNS: Final = ("measure", "by", "name", "value", "of")

router = APIRouter(prefix="/quality")


@router.get("")
async def quality_page(
    request: Request, login: SignedIn, console: TheConsole, period: ThePeriod
) -> Response:
    """The figures as tables, and the golden posts."""
    context = {
        "figures": await quality_of(console, period),
        "golden_posts": await console.parts.golden.everything(),
    }
    return render(request, "quality.html", context, login=login)


@router.get(".csv")
async def quality_csv(login: SignedIn, console: TheConsole, period: ThePeriod) -> Response:
    """The same figures, one to a line."""
    del login
    figures = await quality_of(console, period)
    name = f"moderation-quality-{figures.first}-{figures.last}.csv"
    return Response(
        as_csv(figures),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post("/golden/{verdict_id}/retire")
async def retire(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Plant the golden post no more."""
    del form
    await console.parts.golden.retire(verdict_id, login.account)
    return RedirectResponse("/quality", status_code=303)


def as_csv(figures: QualityFigures) -> str:
    """One figure to a line, under :data:`CSV_COLUMNS`; ``of`` is what ``value`` is a part of."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    agreement = figures.agreement
    rows.writerow(("agreed", "", "", agreement.agreed, agreement.pairs))
    for measure, value in (
        ("cohen_kappa", agreement.kappa),
        ("krippendorff_alpha", agreement.alpha),
    ):
        rows.writerow((measure, "", "", "" if value is None else round(value, 4), ""))
    rows.writerow(("senior_for_first", "", "", agreement.for_first, agreement.settled))
    for score in figures.golden:
        rows.writerow(("golden_right", "reviewer", score.reviewer, score.right, score.answered))
    for row in figures.overturned:
        rows.writerow(("overturned", row.by, row.name, row.overturned, row.decided))
    return written.getvalue()


async def quality_of(console: Console, period: Period) -> QualityFigures:
    """The figures of the period; without any, of the last 30 days."""
    return await console.parts.quality.between(*days_of(console, period, DEFAULT_PERIOD))

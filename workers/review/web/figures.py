"""The transparency figures: a page for people, CSV for reports."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field, field_validator

from workers.review.errors import BadRequestError
from workers.review.store import TransparencyFigures
from workers.review.web.console import Console
from workers.review.web.pages import render
from workers.review.web.security import SignedIn, TheConsole

DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DEFAULT_PERIOD: Final = timedelta(days=365)
"""A year, as transparency reports have it (DSA article 15)."""
CSV_COLUMNS: Final = ("measure", "category", "machine_action", "action", "source", "value")

router = APIRouter(prefix="/figures")


class Period(BaseModel):
    """Which days; without any, the year up to today."""

    first: date | None = Field(None, alias="from")
    last: date | None = Field(None, alias="to")

    @field_validator("first", "last", mode="before")
    @classmethod
    def _as_a_date(cls, value: object) -> object:
        """Pydantic alone would take a number for seconds since 1970."""
        if isinstance(value, str) and not DATE.fullmatch(value):
            raise ValueError("write the day as 2026-05-04")
        return value


ThePeriod = Annotated[Period, Query()]


@router.get("")
async def figures_page(
    request: Request, login: SignedIn, console: TheConsole, period: ThePeriod
) -> Response:
    """The figures as tables."""
    return render(
        request, "figures.html", {"figures": await figures_of(console, period)}, login=login
    )


@router.get(".csv")
async def figures_csv(login: SignedIn, console: TheConsole, period: ThePeriod) -> Response:
    """The same figures, one to a line."""
    del login
    figures = await figures_of(console, period)
    name = f"moderation-{figures.first}-{figures.last}.csv"
    return Response(
        as_csv(figures),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def as_csv(figures: TransparencyFigures) -> str:
    """One figure to a line, under :data:`CSV_COLUMNS`."""
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(CSV_COLUMNS)
    for kind in figures.restrictions:
        for measure, value in (("imposed", kind.imposed), ("lifted", kind.lifted)):
            rows.writerow((measure, kind.category, "", kind.action, kind.source, value))
    for review in figures.reviews:
        rows.writerow(
            ("reviewed", "", review.machine_action, review.action, "human", review.decisions)
        )
    for appealed in figures.appeals:
        rows.writerow(("appeals", "", "", appealed.state, "", appealed.appeals))
    if figures.median_appeal is not None:
        seconds = round(figures.median_appeal.total_seconds())
        rows.writerow(("median_appeal_seconds", "", "", "", "human", seconds))
    if figures.median_wait is not None:
        seconds = round(figures.median_wait.total_seconds())
        rows.writerow(("median_wait_seconds", "", "", "", "human", seconds))
    return written.getvalue()


def days_of(console: Console, period: Period, by_default: timedelta) -> tuple[date, date]:
    """The first and the last day of a period; what is not given reaches up to today.

    Raises:
        BadRequestError: it begins after its end, or before there were calendars like ours.
    """
    last = period.last or console.clock().date()
    try:
        first = period.first or last - by_default + timedelta(days=1)
        last + timedelta(days=1)  # the period ends there
    except OverflowError:
        raise BadRequestError(f"There is no such period: it ends on {last}.") from None
    if first > last:
        raise BadRequestError(f"The period begins on {first}, after its end on {last}.")
    return first, last


async def figures_of(console: Console, period: Period) -> TransparencyFigures:
    """The figures of the period; without any, of a year."""
    return await console.parts.figures.between(*days_of(console, period, DEFAULT_PERIOD))

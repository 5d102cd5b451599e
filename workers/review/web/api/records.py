"""The trail and the figures, for programs."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from workers.review.dsa.writing import write_statement
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.record_models import (
    AuditShown,
    ChainShown,
    FiguresShown,
    QualityShown,
    StatementsShown,
)
from workers.review.web.api.shapes import MOST_ITEMS, Limit
from workers.review.web.figures import ThePeriod, figures_of
from workers.review.web.quality import quality_of
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["records"], prefix=API_PREFIX)


@router.get("/audit")
async def audit(
    login: SignedIn,
    console: TheConsole,
    before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    limit: Annotated[Limit, Query()] = 50,
) -> list[AuditShown]:
    """Rows of the trail, the newest first, or those before a row's number."""
    del login
    rows = await console.parts.trail.newest(limit, before)
    return [AuditShown.model_validate(row, extra="ignore") for row in rows]


@router.get("/audit/check")
async def check(
    login: SignedIn,
    console: TheConsole,
    anchor: Annotated[str | None, Query(pattern=r"^[0-9a-f]{64}$")] = None,
) -> ChainShown:
    """Compute every digest of the trail anew: is it as it was written? Takes longer with its size.

    ``anchor`` is the ``head`` of an earlier answer.
    """
    del login
    return ChainShown.model_validate(await console.parts.trail.check(anchor))


@router.get("/figures")
async def figures(login: SignedIn, console: TheConsole, period: ThePeriod) -> FiguresShown:
    """Transparency figures; without a period, of the year up to today."""
    del login
    return FiguresShown.model_validate(await figures_of(console, period))


@router.get("/quality")
async def quality(login: SignedIn, console: TheConsole, period: ThePeriod) -> QualityShown:
    """Figures of quality; without a period, of the last 30 days."""
    del login
    return QualityShown.model_validate(await quality_of(console, period), extra="ignore")


@router.get("/statements")
async def statements(
    login: SignedIn,
    console: TheConsole,
    after: UUID | None = None,
    limit: Annotated[Limit, Query()] = MOST_ITEMS,
) -> StatementsShown:
    """Statements of reasons, the oldest first; ``after`` is the ``next`` of the answer before.

    Each answer can be handed to the database's API as it is, but for ``next``. The command
    ``dsa-export`` neither sees nor minds what was read here: the database takes no ``puid`` twice.
    """
    del login
    found = await console.parts.statements.after(after, limit)
    written = [write_statement(row, console.terms) for row in found]
    return StatementsShown(
        statements=[one.payload() for one in written if one is not None],
        next=found[-1].puid if found else None,
    )

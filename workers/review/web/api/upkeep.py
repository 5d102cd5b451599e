"""What keeps the work good: golden posts and one's own wellbeing, for programs."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.record_models import GoldenPostShown, WellbeingShown
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["upkeep"], prefix=API_PREFIX)


@router.get("/golden-posts")
async def golden_posts(login: SignedIn, console: TheConsole) -> list[GoldenPostShown]:
    """All golden posts, the newest first."""
    del login
    return [
        GoldenPostShown(
            item_id=listed.post.verdict_id,
            action=listed.post.action,
            categories=listed.post.categories,
            added_at=listed.post.added_at,
            retired_at=listed.post.retired_at,
            erased=listed.erased,
        )
        for listed in await console.parts.golden.everything()
    ]


@router.put("/golden-posts/{item_id}", status_code=204)
async def make_golden(item_id: UUID, login: SignedIn, console: TheConsole) -> None:
    """Give a decided item to other reviewers, to see whether they agree."""
    await console.parts.golden.add(item_id, login.account)


@router.delete("/golden-posts/{item_id}", status_code=204)
async def retire_golden(item_id: UUID, login: SignedIn, console: TheConsole) -> None:
    """Plant it no more; what was answered so far still counts."""
    await console.parts.golden.retire(item_id, login.account)


@router.get("/wellbeing")
async def wellbeing(login: SignedIn, console: TheConsole) -> WellbeingShown:
    """How the caller's day stands, beside what is enough."""
    wellness = console.parts.wellness
    standing, limits = await wellness.of(login.account), wellness.limits
    return WellbeingShown(
        items=standing.items,
        grave=standing.grave,
        working_since=standing.working_since,
        rest_until=standing.rest_until,
        consented_at=standing.consented_at,
        items_a_day=limits.items_a_day,
        grave_a_day=limits.grave_a_day,
        restricted=sorted(limits.restricted),
    )


@router.put("/wellbeing/consent", status_code=204)
async def consent(login: SignedIn, console: TheConsole) -> None:
    """Agree to see the restricted lane."""
    await console.parts.wellness.consent(login.account)


@router.delete("/wellbeing/consent", status_code=204)
async def withdraw_consent(login: SignedIn, console: TheConsole) -> None:
    """Take the agreement back."""
    await console.parts.wellness.withdraw_consent(login.account)

"""What an author may ask for: all that is held of them, and that it be erased; for programs."""

from __future__ import annotations

from fastapi import APIRouter

from workers.review.web.api.author_models import (
    AuthorDataShown,
    AuthorErased,
    AuthorNamed,
    ExportWanted,
)
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["authors"], prefix=f"{API_PREFIX}/authors")


@router.post("/export")
async def export(wanted: ExportWanted, login: SignedIn, console: TheConsole) -> AuthorDataShown:
    """A page of what the console holds about an author; the trail keeps who asked."""
    held = await console.parts.author_data.export(
        wanted.author_id, by=login.account, after=wanted.after, limit=wanted.limit
    )
    items = held["items"]
    following = items[-1]["verdict_id"] if len(items) == wanted.limit else None
    return AuthorDataShown.model_validate(held | {"next": following})


@router.post("/erase")
async def erase(wanted: AuthorNamed, login: SignedIn, console: TheConsole) -> AuthorErased:
    """Erase all content of an author for good. Hashes and decisions stay, without the author."""
    erased = await console.parts.erasure.erase_author(wanted.author_id, by=login.account)
    return AuthorErased(items=erased)

"""Tokens for programs: who else may speak to the API."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter

from workers.review.web.api.access_models import TokenMade, TokenShown, TokenWanted
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["tokens"], prefix=f"{API_PREFIX}/tokens")


@router.get("")
async def tokens(login: SignedIn, console: TheConsole) -> list[TokenShown]:
    """The tokens in use, the newest first."""
    del login
    found = await console.parts.tokens.in_use()
    return [TokenShown.model_validate(token, extra="ignore") for token in found]


@router.post("", status_code=201)
async def issue(wanted: TokenWanted, login: SignedIn, console: TheConsole) -> TokenMade:
    """Make a token of an account. It may do what the account's role may at each request.

    It ends no later than the caller's own.
    """
    token, secret = await console.parts.tokens.issue(
        wanted.account_id,
        wanted.name,
        by=login.account,
        lifetime=None if wanted.days is None else timedelta(days=wanted.days),
        no_later_than=login.until,
    )
    shown = TokenShown.model_validate(token, extra="ignore")
    return TokenMade(**shown.model_dump(), token=secret)


@router.delete("/{token_id}", status_code=204)
async def revoke(token_id: UUID, login: SignedIn, console: TheConsole) -> None:
    """End a token at once."""
    await console.parts.tokens.revoke(token_id, by=login.account)

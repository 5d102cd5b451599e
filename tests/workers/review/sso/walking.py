"""What a person does in a browser to sign in at the provider."""

from __future__ import annotations

import httpx

from workers.review.app import ReviewProcess


async def sent_back(browser: httpx.AsyncClient, target: str = "/") -> str:
    """Go to the provider and sign in; the address that it sends the browser back to."""
    away = await browser.get("/login/oidc", params={"next": target})
    assert away.status_code == 303, away.text
    async with httpx.AsyncClient() as outside:
        back = await outside.get(away.headers["location"])
    address: str = back.headers["location"]
    return address


async def sign_in(browser: httpx.AsyncClient, target: str = "/") -> httpx.Response:
    """The console's answer when the browser comes back."""
    return await browser.get(await sent_back(browser, target))


async def trail(process: ReviewProcess, event: str) -> list[dict[str, str] | None]:
    """Details of the event's rows in the audit trail, oldest first."""
    rows = await process.parts.trail.newest(100)
    return [row.detail for row in reversed(rows) if row.event == event]

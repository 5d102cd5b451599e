"""A real Chromium: its policies and cookies let the way to the provider and back through."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn
from playwright.async_api import expect

from tests.support.browser import open_page
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess

pytestmark = pytest.mark.browser


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


@pytest.fixture
def settings(settings: ReviewSettings, listening: socket.socket) -> ReviewSettings:
    address = f"http://localhost:{listening.getsockname()[1]}"
    return settings.model_copy(update={"public_url": address})


@pytest.fixture
async def address(
    process: ReviewProcess, settings: ReviewSettings, listening: socket.socket
) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(process.app, log_config=None, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    yield str(settings.public_url)
    server.should_exit = True
    await serving


async def test_from_the_login_page_to_the_page_that_was_wanted(address: str) -> None:
    async with open_page() as page:
        await page.goto(f"{address}/figures")
        await page.get_by_role("link", name="Sign in with your organisation").click()
        await expect(page).to_have_url(f"{address}/figures")
        await expect(page.get_by_role("link", name="ann.lee")).to_be_visible()
        await page.get_by_role("button", name="Sign out").click()
        await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()

"""The console in a real Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Page, expect

from tests.support.waiting import eventually_async
from tests.workers.review.conftest import PASSWORD


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The application on a port of its own."""
    config = uvicorn.Config(app, port=0, log_config=None, access_log=False, lifespan="off")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())

    async def started() -> bool:
        return server.started

    await eventually_async(started, describe="the console listens")
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await serving


async def sign_in(page: Page, address: str, name: str) -> None:
    await page.context.clear_cookies()
    await page.goto(f"{address}/login")
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    await page.wait_for_load_state("load")


async def shows(page: Page, text: str) -> None:
    await expect(page.get_by_text(text).first).to_be_visible()
    await page.wait_for_load_state("load")

"""A real Chromium, the distribution's own, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright, expect

ARGUMENTS = [
    "--no-sandbox",  # containers run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

PATIENCE_MS = 60_000
"""How long a page may take to show what is expected: many times what an idle machine needs."""


def chromium_or_skip() -> str:
    """The path of Chromium; skips the test, and says how to get it, where there is none."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no Chromium here; on Debian: apt-get install chromium")
    return found


@asynccontextmanager
async def open_page(
    width: int = 1280, height: int = 900, *, server_may_fail: bool = False
) -> AsyncIterator[Page]:
    """A page in a browser without history, which fails the test when its scripts fail.

    Args:
        width: of the window, in CSS pixels.
        height: of the window, in CSS pixels.
        server_may_fail: what the page reports about requests without an answer is no failure.
    """
    expect.set_options(timeout=PATIENCE_MS)
    executable = chromium_or_skip()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        try:
            page = await browser.new_page(viewport={"width": width, "height": height})
            page.set_default_timeout(PATIENCE_MS)
            problems: list[str] = []
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on(
                "console",
                lambda said: problems.append(said.text) if said.type == "error" else None,
            )
            yield page
            if not server_may_fail:
                assert problems == [], "the page reports errors"
        finally:
            await browser.close()

"""Every page keeps WCAG 2.2 AA where it can be measured: both languages, light and dark, narrow."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page

from tests.support.browser import chromium_or_skip, open_page
from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, inline, png, post, wav
from tests.workers.review.web.browsing import serving, sign_in
from workers.review.app import ReviewProcess
from workers.review.store import Role

pytestmark = pytest.mark.browser

CHECK = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")
SPAM = "This one weird trick made me rich in a week; write to me and I tell you how it is done."
HELD, OPEN = (
    escalation(
        post(name, text=SPAM, images=(inline(png()),), audio=(inline(wav()),)), priority=priority
    )
    for name, priority in (("held", 9.0), ("open", 5.0))
)
PAGES = (
    "/",
    f"/items/{HELD.verdict.verdict_id}",
    f"/items/{OPEN.verdict.verdict_id}",
    "/figures",
    "/quality",
    "/audit",
    "/accounts",
    "/wellbeing",
    "/nowhere",
)
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
MOST_STOPS = 60
"""Presses of Tab on a page: more than any has."""

FOCUSED = """() => {
  const here = document.activeElement;
  if (!here || here === document.body) return null;
  const marked = here.matches(".tick input") ? here.nextElementSibling : here;
  const style = getComputedStyle(marked);
  const visible = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  return [here.outerHTML.slice(0, 80), visible];
}"""


async def faults(page: Page, where: str) -> list[str]:
    return [f"{where}: {fault}" for fault in await page.evaluate(CHECK)]


async def without_focus_shown(page: Page, where: str) -> list[str]:
    """What takes the keyboard's focus and does not show it."""
    found = []
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUSED)
        if stop is None:
            break
        if not stop[1]:
            found.append(f"{where}: 2.4.7: {stop[0]}")
    return found


async def test_what_can_be_measured_holds_on_every_page(process: ReviewProcess) -> None:
    chromium_or_skip()
    ada = next(iter(await process.parts.accounts.everybody()))
    await process.parts.accounts.add("olu", PASSWORD, Role.AUDITOR)
    await process.parts.intake.record([HELD, OPEN])
    await process.parts.queue.claim(HELD.verdict.verdict_id, ada)
    found: list[str] = []
    async with (
        serving(process.app) as address,
        open_page(width=320, height=800, server_may_fail=True) as page,
    ):
        await page.goto(f"{address}/login")
        found += await faults(page, "/login")
        await sign_in(page, address, "ada")
        for path in PAGES:
            await page.goto(f"{address}{path}")
            found += await without_focus_shown(page, path)
            for language, scheme in product(("en", "zh"), SCHEMES):
                await page.context.add_cookies(
                    [{"name": "review-language", "value": language, "url": address}]
                )
                await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                await page.goto(f"{address}{path}")
                found += await faults(page, f"{path} ({language}, {scheme})")
            await page.context.add_cookies(
                [{"name": "review-language", "value": "en", "url": address}]
            )
    assert sorted(set(found)) == []

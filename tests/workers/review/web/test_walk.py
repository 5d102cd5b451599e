"""A real Chromium through a day: decide, undo, a blind second opinion, a senior, an appeal."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from schemas import Action, Verdict
from tests.support.browser import chromium_or_skip, open_page
from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import appeal, escalation, inline, png, post, wav
from tests.workers.review.web.browsing import serving, shows, sign_in
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.store import AppealState, Role

pytestmark = pytest.mark.browser

POST = post(images=(inline(png()),), audio=(inline(wav()),))


@pytest.fixture
def settings(settings: ReviewSettings) -> ReviewSettings:
    return settings.model_copy(update={"second_opinion_rate": 1.0, "undo_seconds": 600.0})


@pytest.fixture
async def address(process: ReviewProcess) -> AsyncIterator[str]:
    """The console, served on a port of its own."""
    async with serving(process.app) as opened:
        yield opened


async def take_and(page: Page, *keys: str) -> None:
    """Take the next item and decide it by keys."""
    await page.keyboard.press("n")
    await shows(page, "Yours for")
    for key in keys:
        await page.keyboard.press(key)
    await shows(page, "Decision saved")


async def test_two_reviewers_a_senior_an_author_and_an_auditor(
    process: ReviewProcess, address: str
) -> None:
    chromium_or_skip()
    for name, role in (
        ("ben", Role.REVIEWER),
        ("sue", Role.SENIOR),
        ("tom", Role.SENIOR),
        ("olu", Role.AUDITOR),
    ):
        await process.parts.accounts.add(name, PASSWORD, role)
    await process.parts.intake.record([escalation(POST)])

    async with open_page() as page:
        await sign_in(page, address, "ada")
        await take_and(page, "a")
        await page.keyboard.press("u")  # that was the wrong key
        await shows(page, "Yours for")
        await page.keyboard.press("2")
        await page.keyboard.press("r")
        await shows(page, "Decision saved: removed")
        await shows(page, "The queue is empty")

        await sign_in(page, address, "ben")
        await page.keyboard.press("n")
        await shows(page, "Judge it by what was posted alone")
        await expect(page.get_by_text("71 %")).to_have_count(0)
        await page.keyboard.press("a")
        await shows(page, "Decision saved: allowed")

        await sign_in(page, address, "sue")
        await page.keyboard.press("n")
        await shows(page, "second reviewer, blind")
        await page.keyboard.press("2")
        await page.keyboard.press("r")
        await shows(page, "Decision saved: removed")

        rows = await process.parts.outbox.unsent(10)
        (removed,) = [Verdict.from_bytes(row.value) for row in rows if row.topic == "verdicts"]
        contested = appeal(removed, POST)
        await process.parts.appeals.record([contested])
        await sign_in(page, address, "tom")
        await page.keyboard.press("n")
        await shows(page, "It was a joke among friends.")
        await shows(page, "A person decided: remove.")
        await page.keyboard.press("a")
        await shows(page, "Decision saved: allowed")

        await sign_in(page, address, "olu")
        for link, said in (
            ("Audit", "undo"),
            ("Quality", "Cohen’s kappa"),
            ("Figures", "The decision was reversed"),
        ):
            await page.get_by_role("link", name=link).click()
            await expect(page.get_by_text(said, exact=False).first).to_be_visible()

    assert (await process.parts.appeals.get(contested.appeal_id)).state == AppealState.REVERSED
    verdicts = [
        Verdict.from_bytes(row.value).action
        for row in await process.parts.outbox.unsent(20)
        if row.topic == "verdicts"
    ]
    assert verdicts == [Action.REMOVE, Action.ALLOW]

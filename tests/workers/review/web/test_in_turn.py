"""A real Chromium: deciding shows the next item at once, which was made ready but not seen."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.async_api import expect
from sqlalchemy import select

from schemas import TOPICS, ReviewDecision
from tests.support.browser import chromium_or_skip, open_page
from tests.support.waiting import eventually_async
from tests.workers.review.samples import escalation, inline, png, post, wav
from tests.workers.review.web.browsing import serving, shows, sign_in
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.store import AuditEvent, Item, OutboxRow
from workers.review.store.audit_table import AuditRow

pytestmark = pytest.mark.browser

QUEUED = [
    escalation(post(name, images=(inline(png()),), audio=(inline(wav()),)), priority=priority)
    for name, priority in (("first", 9.0), ("second", 5.0), ("third", 1.0))
]
FIRST, SECOND, THIRD = (each.verdict.verdict_id for each in QUEUED)


@pytest.fixture
def settings(settings: ReviewSettings) -> ReviewSettings:
    return settings.model_copy(update={"undo_seconds": 600.0})


async def trail(process: ReviewProcess) -> list[tuple[str, UUID]]:
    """What is told of items, but for media, which the browser fetches in its own time."""
    async with process.database.reading() as session:
        rows = await session.scalars(
            select(AuditRow).where(AuditRow.verdict_id.is_not(None)).order_by(AuditRow.row_id)
        )
        return [
            (row.event, row.verdict_id)
            for row in rows.all()
            if row.verdict_id and row.event != AuditEvent.VIEW_MEDIUM
        ]


async def test_deciding_shows_the_next_and_the_trail_says_when(process: ReviewProcess) -> None:
    chromium_or_skip()
    await process.parts.intake.record(QUEUED)

    async def reserved(item: UUID) -> bool:
        async with process.database.reading() as session:
            found = await session.get(Item, item)
            return found is not None and found.claimed_by is not None

    async with serving(process.app) as address, open_page() as page:
        await sign_in(page, address, "ada")
        await page.keyboard.press("n")
        await shows(page, "Yours for")
        await eventually_async(lambda: reserved(SECOND), describe="the next item is reserved")
        assert ("view", SECOND) not in await trail(process)

        await page.keyboard.press("a")
        await shows(page, "Decision saved: allowed")
        assert str(SECOND) in page.url
        await expect(page.get_by_text("Yours for")).to_be_visible()
        await eventually_async(lambda: reserved(THIRD), describe="the one after is reserved")

        await page.keyboard.press("u")
        await page.wait_for_url(f"**/items/{FIRST}?flow=1")
        await shows(page, "Yours for")

    seen = [each for each in await trail(process) if each[1] in {FIRST, SECOND}]
    assert seen[:8] == [
        ("claim", FIRST),
        ("view", FIRST),
        ("reserve", SECOND),
        ("decide", FIRST),
        ("claim", SECOND),
        ("view", SECOND),
        ("undo", FIRST),
        ("release", SECOND),
    ]


async def test_what_is_ticked_is_in_the_decision_and_leaves_the_part_of_the_queue_as_it_is(
    process: ReviewProcess,
) -> None:
    chromium_or_skip()
    await process.parts.intake.record(QUEUED)

    async with serving(process.app) as address, open_page() as page:
        await sign_in(page, address, "ada")
        await page.goto(f"{address}/?category=toxicity")
        await page.keyboard.press("n")
        await shows(page, "Yours for")
        await page.get_by_role("checkbox", name="Violence").check()
        await page.keyboard.press("r")
        await shows(page, "Decision saved: removed")

        assert str(SECOND) in page.url
        assert "category=toxicity" in page.url

    async with process.database.reading() as session:
        sent = select(OutboxRow.value).where(OutboxRow.topic == TOPICS.review_decisions.name)
        decision = ReviewDecision.from_bytes((await session.scalars(sent)).one())
    assert decision.categories == ("violence",)

"""A real Chromium: what of WCAG 2.2 AA can be measured holds on every page of the console.

In both languages, light and dark, on a phone of 320 pixels and on a desk.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from schemas import (
    Action,
    AuthorSignals,
    BankFind,
    BankPart,
    Campaign,
    Escalation,
    Modality,
    NotScanned,
    NotScannedReason,
    Op,
    Trace,
    Verdict,
    VerdictStatus,
)
from tests.support.browser import chromium_or_skip, open_page
from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import NOON, appeal, escalation, inline, photo, post, verdict, wav
from tests.workers.review.web.accessibility import cut_when_spaced, faults, without_focus_shown
from tests.workers.review.web.browsing import serving, sign_in
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.store import Account, Choice, ItemKind, Role

pytestmark = pytest.mark.browser

SPAM = "This one weird trick made me rich in a week; write to me and I tell you how it is done."
WIDTHS = (320, 1280)
HEIGHT = 800
CAT = photo("cat")
OPEN_ALL = "() => document.querySelectorAll('main details').forEach((each) => (each.open = true))"


def named(name: str, priority: float, text: str, picture: bytes = CAT) -> Escalation:
    """An escalation with all that a page can say of one."""
    return escalation(
        post(name, text=text, images=(inline(picture),), audio=(inline(wav()),)),
        priority=priority,
        status=VerdictStatus.DEGRADED,
        not_scanned=(NotScanned(modality=Modality.AUDIO, reason=NotScannedReason.UNDECODABLE),),
        trace=Trace(
            mismatch={"text_image": 0.83},
            author=AuthorSignals(
                author_id="author-1",
                posts=1_240,
                updated_at=NOON - timedelta(minutes=5),
                campaign=Campaign(authors=14, posts=31, until=NOON + timedelta(hours=1)),
            ),
            bank_matches={
                "memes": (
                    BankFind(
                        modality=BankPart.IMAGE,
                        index=0,
                        distance=20,
                        action=Action.REVIEW,
                        entry="case-17",
                    ),
                )
            },
        ),
    )


HELD, MATE, OPEN = (
    named("held", 9, SPAM),
    named("mate", 8, f"{SPAM}!", photo("cat", kind="JPEG", quality=40)),
    named("open", 5, "Buy."),
)
DECIDED, DOUBTED, CONTESTED, GONE = (
    escalation(post(name)) for name in ("decided", "doubted", "contested", "gone")
)


@pytest.fixture
def settings(settings: ReviewSettings) -> ReviewSettings:
    return settings.model_copy(update={"second_opinion_rate": 1.0})


async def remove(process: ReviewProcess, item: UUID, by: Account) -> None:
    claim = await process.parts.queue.claim(item, by)
    choice = Choice(Action.REMOVE, ("toxicity",), note="Plain abuse.")
    await process.parts.decisions.decide(item, by, claim.number, choice)


async def open_of(process: ReviewProcess, kind: ItemKind) -> list[UUID]:
    items = await process.parts.queue.open_items()
    return [item.verdict_id for item in items if item.kind == kind]


async def a_day_of_work(process: ReviewProcess) -> tuple[str, ...]:
    """Fill the console; returns the address of every page."""
    parts = process.parts
    (ada,) = await parts.accounts.everybody()
    ben = await parts.accounts.add("ben", PASSWORD)
    sue = await parts.accounts.add("sue", PASSWORD, Role.SENIOR)
    await parts.intake.record([HELD, MATE, OPEN, DECIDED, DOUBTED, CONTESTED, GONE])
    await remove(process, DECIDED.verdict.verdict_id, ben)
    (second,) = await open_of(process, ItemKind.SECOND)
    await remove(process, second, sue)
    await parts.golden.add(DECIDED.verdict.verdict_id, sue)
    await remove(process, DOUBTED.verdict.verdict_id, ben)
    await remove(process, CONTESTED.verdict.verdict_id, ben)
    said = [row.value for row in await parts.outbox.unsent(20) if row.topic == "verdicts"]
    spoken = [Verdict.from_bytes(value) for value in said]
    await parts.statements.record(spoken)
    (removed,) = [each for each in spoken if each.post_id == "contested"]
    await parts.appeals.record([appeal(removed, CONTESTED.post)])
    withdrawn = post("gone", op=Op.DELETE, text=None)
    await parts.changes.record([verdict(withdrawn, status=VerdictStatus.WITHDRAWN)])
    await parts.queue.claim(HELD.verdict.verdict_id, ada)
    (blind,) = await open_of(process, ItemKind.SECOND)
    (contested,) = await open_of(process, ItemKind.APPEAL)
    shown = (HELD, OPEN, DECIDED, GONE)
    items = [*(each.verdict.verdict_id for each in shown), blind, contested]
    after = f"decided=remove&item={DECIDED.verdict.verdict_id}&alike=2"
    return (
        f"/?{after}",
        f"/?category=hate&empty=1&{after}",
        f"/items/{HELD.verdict.verdict_id}?flow=1&{after}",
        *(f"/items/{item}" for item in items),
        "/figures",
        "/quality",
        "/audit",
        "/accounts",
        "/wellbeing",
        "/nowhere",
    )


async def measured(page: Page, where: str) -> list[str]:
    """What is wrong with the page, whatever it is looked at on."""
    found = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        await page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found += await faults(page, f"{where} (light, {width} px)")
        await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        found += await faults(page, f"{where} (dark, {width} px)")
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_what_can_be_measured_holds_on_every_page(
    process: ReviewProcess, language: str
) -> None:
    chromium_or_skip()
    pages = await a_day_of_work(process)
    found: list[str] = []
    async with serving(process.app) as address, open_page(server_may_fail=True) as page:
        await page.goto(f"{address}/login")
        found += await measured(page, "/login")
        await sign_in(page, address, "ada")
        await page.context.add_cookies(
            [{"name": "review-language", "value": language, "url": address}]
        )
        for path in pages:
            await page.goto(f"{address}{path}")
            await page.evaluate(OPEN_ALL)
            found += await measured(page, path)
            found += await without_focus_shown(page, path)
            found += await cut_when_spaced(page, path)
        await page.goto(f"{address}/")
        await page.keyboard.press("?")
        await expect(page.locator("dialog[open]")).to_be_visible()
        found += await measured(page, "the keys")
    wrong = sorted(set(found))
    assert not wrong, "\n".join(wrong)


async def test_letters_do_nothing_once_keys_are_switched_off(process: ReviewProcess) -> None:
    """Criterion 2.1.4: speech software types letters that nobody meant."""
    chromium_or_skip()
    await process.parts.intake.record([OPEN])
    async with serving(process.app) as address, open_page() as page:
        await sign_in(page, address, "ada")
        await page.goto(f"{address}/wellbeing")
        await page.get_by_role("button", name="Switch keys off").click()
        await expect(page.get_by_role("button", name="Switch keys on")).to_be_visible()
        await page.goto(f"{address}/")
        await page.keyboard.press("n")
        await page.keyboard.press("?")
        await expect(page.locator("dialog[open]")).to_have_count(0)
        await page.get_by_role("button", name="Take the next").click()
        await expect(page.get_by_text("Yours for")).to_be_visible()
        await page.keyboard.press("a")
        await page.goto(f"{address}/wellbeing")
        await page.get_by_role("button", name="Switch keys on").click()
        await page.goto(f"{address}/items/{OPEN.verdict.verdict_id}")
        await page.keyboard.press("a")
        await expect(page.get_by_text("Decision saved: allowed")).to_be_visible()

"""A reviewer's work from end to end: broker, console process, real browser, broker."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from schemas import (
    TOPICS,
    Action,
    Escalation,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
)
from tests.support.browser import chromium_or_skip, open_page
from tests.support.kafka import produce_messages, read_messages
from tests.support.waiting import eventually, eventually_async
from tests.workers.review.process import NAME, ConsoleProcess, running_console
from tests.workers.review.samples import escalation, inline, png, post, wav
from workers.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

COVERED = re.compile(r"blur\(.*grayscale\(1\)")


async def escalate(kafka: KafkaSettings, *messages: Escalation) -> None:
    keyed = [(message.post.post_id, message) for message in messages]
    await produce_messages(kafka, TOPICS.escalations, keyed)


async def sign_in(page: Page, console: ConsoleProcess) -> None:
    await page.goto(console.url)
    await page.get_by_label("Name").fill(NAME)
    await page.get_by_label("Password").fill(console.password)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Queue")).to_be_visible()
    await page.wait_for_load_state("load")  # from now on keys do something


async def shows(page: Page, text: str) -> None:
    """Wait for a page with the text; its scripts have run then, so that keys do something."""
    await expect(page.get_by_text(text)).to_be_visible()
    await page.wait_for_load_state("load")


async def decisions(kafka: KafkaSettings) -> list[ReviewDecision]:
    return await read_messages(kafka, TOPICS.review_decisions, ReviewDecision)


async def reveal_by_holding(page: Page) -> None:
    """Everything is covered and silent until it is held, and covered again afterwards."""
    picture, sound = page.locator(".veil img"), page.locator("audio")
    await expect(picture).to_have_css("filter", COVERED)
    assert await picture.evaluate("image => image.naturalWidth") == 64
    assert await sound.evaluate("audio => audio.muted && audio.controls && audio.paused")

    await picture.hover()
    await page.mouse.down()
    await expect(picture).to_have_css("filter", "none")
    await page.mouse.up()
    await expect(picture).to_have_css("filter", COVERED)
    await page.keyboard.down("v")
    await expect(picture).to_have_css("filter", "none")
    await page.keyboard.up("v")
    await expect(picture).to_have_css("filter", COVERED)


async def remove_by_keyboard(page: Page) -> None:
    """Remove the post for toxicity, with a note; without a category it does not go."""
    await page.keyboard.press("r")
    await expect(page.get_by_text("Tick at least one category")).to_be_visible()
    await page.keyboard.press("2")
    await page.keyboard.press("m")
    await page.keyboard.type("a remark")  # its letters are no commands in here
    await page.keyboard.press("Escape")
    await page.keyboard.press("r")


async def test_an_escalated_post_is_seen_claimed_revealed_and_decided_by_keyboard(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    chromium_or_skip()
    escalated = escalation(post(images=(inline(png()),), audio=(inline(wav()),)))

    with running_console(kafka_settings, tmp_path) as console:
        async with open_page() as page:
            await sign_in(page, console)
            await expect(page.get_by_text("The queue is empty")).to_be_visible()

            await escalate(kafka_settings, escalated)
            row = page.locator("[data-row]")
            await expect(row).to_contain_text("Toxicity")
            await page.keyboard.press("j")
            await expect(row).to_be_focused()
            await page.keyboard.press("Enter")
            await shows(page, "You are a muppet")

            await page.keyboard.press("c")
            await shows(page, "Yours for")

            await reveal_by_holding(page)
            await page.keyboard.press("?")
            await expect(page.get_by_role("dialog")).to_contain_text("tick a category")
            await page.keyboard.press("Escape")
            await remove_by_keyboard(page)
            await expect(page.get_by_text("Decision saved: removed")).to_be_visible()
            await expect(page.get_by_text("The queue is empty")).to_be_visible()

        (decision,) = await eventually_async(
            lambda: decisions(kafka_settings), describe="the decision is on its topic"
        )
        counted = console.metric("moderation_review_decisions_total", action="remove")
        await eventually_async(
            lambda: read_messages(kafka_settings, TOPICS.verdicts, Verdict),
            describe="the human verdict is on its topic",
        )
        assert console.stop() == 0

    assert counted == 1
    assert decision.verdict_id == escalated.verdict.verdict_id
    assert (decision.action, decision.machine_action) == (Action.REMOVE, Action.REVIEW)
    assert (decision.categories, decision.note) == (("toxicity",), "a remark")
    assert decision.reviewer.startswith("reviewer-")
    assert decision.reviewer != NAME

    (verdict,) = await read_messages(kafka_settings, TOPICS.verdicts, Verdict)
    assert (verdict.source, verdict.action) == (VerdictSource.HUMAN, Action.REMOVE)
    assert (verdict.post_id, verdict.revision) == ("p-1", 1)
    assert verdict.status is VerdictStatus.COMPLETE


async def test_a_killed_console_loses_neither_logins_nor_claims_nor_decisions(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    chromium_or_skip()
    await escalate(kafka_settings, escalation(), escalation(post("p-2"), priority=0.5))

    with running_console(kafka_settings, tmp_path) as console:
        password = console.password
        port = console.url.rpartition(":")[2]
        async with open_page(server_may_fail=True) as page:
            await sign_in(page, console)
            await expect(page.locator("[data-row]")).to_have_count(2)
            await page.keyboard.press("n")
            await shows(page, "Yours for")
            console.kill()

            with running_console(kafka_settings, tmp_path, port=port) as restarted:
                assert restarted.password == "", "a second start makes no second account"
                await page.keyboard.press("a")
                await expect(page.get_by_text("Decision saved: allowed")).to_be_visible()
                await shows(page, "Yours for")  # the other item, in turn
                eventually(
                    lambda: restarted.metric("moderation_review_outbox_relayed_total") == 2,
                    describe="both records relayed",
                )
    (decision,) = await decisions(kafka_settings)
    assert password
    assert (decision.post_id, decision.action) == ("p-1", Action.ALLOW)


async def test_the_console_works_at_the_width_of_a_phone(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    chromium_or_skip()
    long_word = "w" * 400
    await escalate(kafka_settings, escalation(post(text=long_word, images=(inline(png()),) * 3)))

    with running_console(kafka_settings, tmp_path) as console:
        async with open_page(width=360, height=740) as page:
            await sign_in(page, console)
            await page.locator("[data-row]").click()
            await page.get_by_role("button", name="Claim").click()
            await shows(page, "Yours for")
            overflow = await page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert overflow == 0
            await page.get_by_role("button", name="Allow").click()
            await expect(page.get_by_text("Decision saved: allowed")).to_be_visible()

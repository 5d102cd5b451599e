"""What a reviewer decides in the browser is counted by the ledger."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from schemas import TOPICS, Action, Reason, ReasonKind, Verdict
from tests.support.browser import chromium_or_skip, open_page
from tests.support.kafka import produce_messages
from tests.support.waiting import eventually
from tests.system.test_console import escalate, shows, sign_in
from tests.workers.ledger.process import running_ledger
from tests.workers.review.process import running_console
from tests.workers.review.samples import escalation
from workers.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

COUNTED_SECONDS = 60.0


async def test_a_decision_made_in_the_browser_is_seen_in_the_ledgers_metrics(
    kafka_settings: KafkaSettings, tmp_path: Path
) -> None:
    chromium_or_skip()
    reason = Reason(kind=ReasonKind.MODEL, action=Action.REMOVE, category="toxicity", score=0.9)
    escalated = escalation(action=Action.REMOVE, reasons=(reason,))
    machine: Verdict = escalated.verdict

    with (
        running_ledger(kafka_settings, tmp_path / "ledger") as ledger,
        running_console(kafka_settings, tmp_path / "console") as console,
    ):
        await produce_messages(kafka_settings, TOPICS.verdicts, [(machine.post_id, machine)])
        await escalate(kafka_settings, escalated)
        async with open_page() as page:
            await sign_in(page, console)
            await expect(page.locator("[data-row]")).to_have_count(1)
            await page.keyboard.press("n")
            await shows(page, "Yours for")
            await page.keyboard.press("a")
            await expect(page.get_by_text("Decision saved: allowed")).to_be_visible()

        def decision_counted() -> bool:
            counted = ledger.metric(
                "moderation_ledger_decisions_total", machine_action="remove", human_action="allow"
            )
            return counted == 1

        def verdicts_counted() -> bool:
            by = {
                source: ledger.metric("moderation_ledger_verdicts_total", source=source)
                for source in ("machine", "human")
            }
            return by == {"machine": 1, "human": 1}

        for condition in (decision_counted, verdicts_counted):
            eventually(condition, within_seconds=COUNTED_SECONDS, describe=condition.__name__)
        assert ledger.metric("moderation_ledger_overturned_total", category="toxicity") == 1

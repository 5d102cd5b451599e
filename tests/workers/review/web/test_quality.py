"""Blind items, undo and the quality page, as browsers get them."""

from __future__ import annotations

import csv
import io

import pytest
from prometheus_client import CollectorRegistry

from tests.workers.review.conftest import PASSWORD, MovableClock
from tests.workers.review.samples import MODEL_VERSION, escalation, inline, png, post
from tests.workers.review.web.conftest import NewVisitor, Visitor
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.metrics import ReviewMetrics
from workers.review.quality_watch import QualityWatch

ITEM = escalation().verdict.verdict_id


@pytest.fixture
def settings(settings: ReviewSettings) -> ReviewSettings:
    return settings.model_copy(update={"second_opinion_rate": 1.0})


async def remove(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation(post(images=(inline(png()),)))])
    number = await reviewer.claim(ITEM)
    await reviewer.post(f"/items/{ITEM}/decide", claim=number, action="remove", category="toxicity")


async def test_a_blind_page_shows_the_post_and_nothing_that_was_said_of_it(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor
) -> None:
    await remove(process, reviewer)
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        queue = (await ben.get("/")).text
        taken = await ben.post("/next")
        page = (await ben.get(taken.headers["location"])).text
        given = taken.headers["location"].partition("?")[0]
        picture = await ben.get(f"{given}/media/image/0")
        other = await ben.get(f"/items/{ITEM}")

    assert "Second opinion" in queue
    assert "You are a muppet" in page
    assert str(ITEM) not in page, "the first item's page shows what was said"
    assert f"{given}/media/image/0" in page
    assert picture.headers["content-type"] == "image/png"
    for said in ("71 %", MODEL_VERSION, "insult-at-person", "threshold", "chip-remove", "Decided"):
        assert said not in page, said
        assert said not in queue, said
    assert other.status_code == 403


async def test_a_decision_can_be_undone_from_the_page_that_follows(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await remove(process, reviewer)
    assert f"/items/{ITEM}/undo" in (await reviewer.get(f"/?decided=remove&item={ITEM}")).text
    response = await reviewer.post(f"/items/{ITEM}/undo")
    assert response.headers["location"] == f"/items/{ITEM}"
    assert "Yours for" in (await reviewer.get(f"/items/{ITEM}")).text
    assert await process.parts.outbox.pending() == 0
    again = await reviewer.post(f"/items/{ITEM}/undo")
    assert again.status_code == 409


async def agree(process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor) -> None:
    await remove(process, reviewer)
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        location = (await ben.post("/next")).headers["location"]
        given = location.partition("?")[0]
        await ben.post(f"{given}/decide", claim="1", action="remove", category="toxicity")


async def test_the_quality_page_and_its_csv_say_the_same(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor
) -> None:
    assert "No second opinion was given" in (await reviewer.get("/quality")).text
    await agree(process, reviewer, new_visitor)
    await reviewer.post(f"/items/{ITEM}/golden")
    page = (await reviewer.get("/quality")).text
    rows = list(csv.DictReader(io.StringIO((await reviewer.get("/quality.csv")).text)))

    for part in ("100 %", MODEL_VERSION, "The golden posts (1)", "Retire"):
        assert part in page
    found = {(row["measure"], row["name"]): (row["value"], row["of"]) for row in rows}
    assert found["agreed", ""] == ("1", "1")
    assert found["cohen_kappa", ""] == ("", ""), "one pair of like answers tells nothing"
    assert found["overturned", "toxicity"] == ("0", "1")
    await reviewer.post(f"/quality/golden/{ITEM}/retire")
    assert "retired" in (await reviewer.get("/quality")).text


async def test_metrics_have_the_figures_of_the_last_month(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor, clock: MovableClock
) -> None:
    await agree(process, reviewer, new_visitor)
    registry = CollectorRegistry()
    await QualityWatch(process.parts.quality, ReviewMetrics(registry), clock).look()

    def value(metric: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"moderation_review_{metric}", labels)

    assert value("second_opinions", agreed="yes") == 1
    assert value("golden_answers", right="no") == 0
    assert value("overturn_rate", by="category", name="toxicity") == 0
    assert value("overturn_decisions", by="model", name=MODEL_VERSION) == 1
    assert str(value("agreement_kappa")) == "nan"

"""The transparency figures, as a page and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from schemas import Action
from tests.workers.review.conftest import MovableClock
from tests.workers.review.samples import escalation, post, verdict
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess

ITEM = escalation().verdict.verdict_id


async def some_figures(process: ReviewProcess, reviewer: Visitor, clock: MovableClock) -> None:
    await process.parts.intake.record([escalation()])
    clock.advance(timedelta(minutes=30))
    number = await reviewer.claim(ITEM)
    await reviewer.post(f"/items/{ITEM}/decide", claim=number, action="limit", category="toxicity")
    lifted = verdict(post("a"), action=Action.ALLOW, verdict_id=ITEM)
    await process.parts.statements.record(
        [verdict(post(name), action=Action.REMOVE) for name in ("a", "b", "c")]
        + [lifted.model_copy(update={"decided_at": clock()})]
    )


async def test_the_page_counts_restrictions_and_reviews(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    assert "Nothing was restricted" in (await reviewer.get("/figures")).text
    await some_figures(process, reviewer, clock)
    page = (await reviewer.get("/figures")).text
    assert "automated means alone" in page
    assert "waited 30 min or less" in page
    assert "Nothing was restricted" in (await reviewer.get("/figures?to=2026-05-03")).text


async def test_the_csv_says_the_same(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    await some_figures(process, reviewer, clock)
    response = await reviewer.get("/figures.csv?from=2026-05-04&to=2026-05-04")

    assert response.headers["content-type"].startswith("text/csv")
    assert "moderation-2026-05-04-2026-05-04.csv" in response.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(response.text)))
    assert rows[1:] == [
        ["imposed", "toxicity", "", "remove", "machine", "3"],
        ["lifted", "toxicity", "", "remove", "machine", "1"],
        ["reviewed", "", "review", "limit", "human", "1"],
        ["median_wait_seconds", "", "", "", "human", "1800"],
    ]


async def test_a_period_that_ends_before_it_begins_is_refused(reviewer: Visitor) -> None:
    response = await reviewer.get("/figures?from=2026-05-04&to=2026-05-01")
    assert response.status_code == 400
    assert "begins on 2026-05-04" in response.text

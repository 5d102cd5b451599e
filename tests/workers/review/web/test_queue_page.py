"""The list of what waits."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from schemas import RuleHit
from tests.workers.review.conftest import MovableClock
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess
from workers.review.store import Item, ItemKind


async def test_an_empty_queue_says_so(reviewer: Visitor) -> None:
    assert "The queue is empty" in (await reviewer.get("/")).text


async def test_the_queue_shows_why_an_item_is_there_and_nothing_of_the_post(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    await process.parts.intake.record([escalation()])
    clock.advance(timedelta(hours=4, minutes=20))
    page = (await reviewer.get("/")).text

    for part in ("Toxicity", "71 %", "review", "text · feed · en", "reach 1.2 k"):
        assert part in page
    assert "waiting 4 h 20 min" in page
    assert "overdue by 20 min" in page
    assert "muppet" not in page


async def test_queues_can_be_looked_at_one_by_one(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record(
        [escalation(post("a"), queue="safety"), escalation(post("b"), queue="spam-wave")]
    )
    page = (await reviewer.get("/?queue=safety")).text
    assert page.count("data-row") == 1
    assert "Spam wave" in page


async def test_a_part_of_the_queue_by_category_and_language(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    hateful = escalation(post("a", language="de"), scores={"hate": 0.9}, reasons=())
    await process.parts.intake.record([escalation(), hateful])

    async def rows(query: str) -> int:
        return (await reviewer.get(f"/?{query}")).text.count("data-row")

    assert [await rows(q) for q in ("", "category=hate", "language=en", "language=fr")] == [
        2,
        1,
        1,
        0,
    ]
    assert await rows("category=hate&language=en") == 0
    assert await rows("category=&language=") == 2
    taken = await reviewer.post("/next", part_category="hate")
    there = f"/items/{hateful.verdict.verdict_id}?flow=1&category=hate"
    assert taken.headers["location"] == there


async def test_a_part_of_the_queue_by_rule_and_severity(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    """A severity is a probability weighed by the policy: the priority less the weight of reach."""
    hits = (RuleHit(rule="doxing", mode="live"), RuleHit(rule="trial", mode="shadow"))
    doxed = escalation(post("a", reach=9), priority=2 * 0.9, rule_hits=hits)
    await process.parts.intake.record([escalation(post(reach=9), priority=2 * 0.2), doxed])

    async def rows(query: str) -> int:
        return (await reviewer.get(f"/?{query}")).text.count("data-row")

    page = (await reviewer.get("/")).text
    assert "<option >doxing</option>" in page
    assert "<option >insult-at-person</option>" in page
    assert ">trial<" not in page
    queries = ("rule=doxing", "rule=trial", "severity=high", "severity=low", "severity=medium")
    assert [await rows(query) for query in queries] == [1, 0, 1, 1, 0]
    assert await rows("rule=insult-at-person&severity=high") == 0
    taken = await reviewer.post("/next", part_rule="doxing", part_severity="high")
    assert taken.headers["location"] == (
        f"/items/{doxed.verdict.verdict_id}?flow=1&rule=doxing&severity=high"
    )


async def test_a_part_that_is_none_is_refused(reviewer: Visitor) -> None:
    assert (await reviewer.post("/next", part_severity="gravest")).status_code == 400


async def test_a_blind_item_is_in_no_part_that_tells_what_the_machine_said(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation(post(reach=9), priority=2 * 0.9)])
    async with process.database.writing() as session:
        await session.execute(update(Item).values(kind=ItemKind.SECOND))
    page = (await reviewer.get("/")).text
    assert page.count("data-row") == 1
    assert "insult-at-person" not in page
    for query in ("rule=insult-at-person", "severity=high", "category=toxicity"):
        assert "data-row" not in (await reviewer.get(f"/?{query}")).text


async def test_a_long_queue_has_pages(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation(post(f"p-{n}")) for n in range(53)])
    first, second = (await reviewer.get("/")).text, (await reviewer.get("/?page=2")).text
    assert (first.count("data-row"), second.count("data-row")) == (50, 3)

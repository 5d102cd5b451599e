"""The item page tells what was known besides the post."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from schemas import AuthorSignals, Campaign, Trace
from tests.workers.review.samples import NOON, escalation
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess
from workers.review.store import Item, ItemKind

ITEM = escalation().verdict.verdict_id
SIGNALS = AuthorSignals(
    author_id="author-1",
    posts=1_240,
    removals=7,
    strikes=3,
    overturned=2,
    posts_last_hour=45,
    updated_at=NOON - timedelta(minutes=5),
)
KNOWN = escalation(
    trace=Trace(mismatch={"text_image": 0.12, "image_audio": 0.83}, author=SIGNALS),
)


async def test_the_page_tells_which_parts_do_not_belong_together(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([KNOWN])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "<li class=trace-notable>Image and Audio <strong>83 %</strong>" in page
    assert "<li>Text and Image <strong>12 %</strong>" in page
    assert page.index("Image and Audio") < page.index("Text and Image")


async def test_the_page_tells_what_the_ledger_had_counted_about_the_author(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([KNOWN])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    for name, figure in (
        ("Posts", "1.2 k"),
        ("In the last hour", "45"),
        ("Removed", "7"),
        ("Strikes", "3"),
        ("Made milder by people", "2"),
        ("Counted", "5 min ago"),
    ):
        assert f"<dt>{name}</dt><dd>{figure}</dd>" in page


@pytest.mark.parametrize(
    ("ends_in", "told"), [(timedelta(hours=1), True), (timedelta(0), False)], ids=["on", "over"]
)
async def test_the_page_tells_of_a_campaign_that_went_on_when_the_post_was_judged(
    process: ReviewProcess, reviewer: Visitor, ends_in: timedelta, told: bool
) -> None:
    campaign = Campaign(authors=14, posts=31, until=NOON + ends_in)
    signals = SIGNALS.model_copy(update={"campaign": campaign})
    await process.parts.intake.record([escalation(trace=Trace(author=signals))])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    said = "<dt>Nearly the same text</dt><dd>14 authors, 31 posts</dd>"
    assert (said in page) is told


async def test_nothing_is_said_where_nothing_was_known(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "belong together" not in page
    assert "The author, when it was judged" not in page


async def test_whoever_judges_blind_is_told_neither(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([KNOWN])
    async with process.database.writing() as session:
        await session.execute(update(Item).values(kind=ItemKind.SECOND))
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "83 %" not in page
    assert "Strikes" not in page

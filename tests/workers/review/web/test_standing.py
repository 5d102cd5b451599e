"""An item's page says whose it is, also while it is only kept ready for somebody."""

from __future__ import annotations

import pytest

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.conftest import NewVisitor, Visitor
from workers.review.app import ReviewProcess

FIRST, NEXT = (escalation(post(name), priority=p) for name, p in (("a", 9), ("b", 5)))
NEXT_ID = NEXT.verdict.verdict_id
WITH_A_COLLEAGUE = "A colleague is working on this item"


@pytest.fixture
async def reserving(process: ReviewProcess, reviewer: Visitor) -> Visitor:
    """Ada looks at the first of two; the second is kept ready for her."""
    await process.parts.intake.record([FIRST, NEXT])
    await reviewer.post("/next")
    await reviewer.get(f"/items/{FIRST.verdict.verdict_id}")
    assert (await reviewer.post("/ahead")).status_code == 204
    return reviewer


async def test_what_is_kept_ready_for_oneself_is_with_oneself_and_can_be_claimed(
    reserving: Visitor,
) -> None:
    queue = (await reserving.get("/")).text
    assert queue.count("with you") == 2
    assert "with a colleague" not in queue
    page = (await reserving.get(f"/items/{NEXT_ID}")).text
    assert WITH_A_COLLEAGUE not in page
    assert f"/items/{NEXT_ID}/claim" in page
    await reserving.claim(NEXT_ID)


async def test_what_is_kept_ready_for_a_colleague_is_with_them(
    process: ReviewProcess, reserving: Visitor, new_visitor: NewVisitor
) -> None:
    del reserving
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        assert (await ben.get("/")).text.count("with a colleague") == 2
        page = (await ben.get(f"/items/{NEXT_ID}")).text
    assert WITH_A_COLLEAGUE in page
    assert f"/items/{NEXT_ID}/claim" not in page

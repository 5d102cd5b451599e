"""A reviewer confirms or denies what banks recognised, beside the decision on the post."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from schemas import (
    TOPICS,
    Action,
    BankFind,
    BankPart,
    BankWord,
    Escalation,
    ReviewDecision,
    Trace,
)
from tests.workers.review.samples import escalation
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess
from workers.review.store.tables import OutboxRow

ITEM = escalation().verdict.verdict_id


def recognised(**verdict_changes: Any) -> Escalation:
    """Two pictures are near to one entry, and the whole post to one of another bank."""

    def find(part: BankPart, index: int, distance: float, entry: str) -> BankFind:
        return BankFind(
            modality=part, index=index, distance=distance, action=Action.REVIEW, entry=entry
        )

    return escalation(
        trace=Trace(
            bank_matches={
                "vectors": (find(BankPart.POST, 0, 0.0312, "v1"),),
                "memes": (
                    find(BankPart.IMAGE, 0, 20, "case-17"),
                    find(BankPart.IMAGE, 1, 12, "case-17"),
                ),
                "sounds": (),
            }
        ),
        **verdict_changes,
    )


async def decided(process: ReviewProcess) -> ReviewDecision:
    async with process.database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow.value).where(OutboxRow.topic == TOPICS.review_decisions.name)
        )
        return ReviewDecision.from_bytes(rows.one())


async def test_the_page_asks_once_about_each_entry_that_banks_recognised(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([recognised()])
    await reviewer.claim(ITEM)
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert page.count("Is it the same?") == 2
    assert "Image 2: distance 12, memes / case-17" in page
    assert "Post: distance 0.0312, vectors / v1" in page
    assert page.count('data-key="y"') == page.count('data-key="x"') == 1


async def test_the_words_go_out_with_the_decision(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([recognised()])
    claim = await reviewer.claim(ITEM)
    words = {"match-0": "right", "match-1": "wrong"}
    answer = await reviewer.post(f"/items/{ITEM}/decide", claim=claim, action="allow", **words)
    assert answer.status_code == 303
    assert (await decided(process)).bank_words == (
        BankWord(bank="memes", entry="case-17", right=True),
        BankWord(bank="vectors", entry="v1", right=False),
    )


@pytest.mark.parametrize("word", [{}, {"match-0": ""}])
async def test_a_decision_alone_says_nothing_of_banks(
    process: ReviewProcess, reviewer: Visitor, word: dict[str, str]
) -> None:
    await process.parts.intake.record([recognised()])
    claim = await reviewer.claim(ITEM)
    await reviewer.post(f"/items/{ITEM}/decide", claim=claim, action="allow", **word)
    assert (await decided(process)).bank_words == ()


async def test_a_word_that_is_none_is_refused_and_nothing_is_decided(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([recognised()])
    claim = await reviewer.claim(ITEM)
    form = {"claim": claim, "action": "allow", "match-0": "maybe"}
    answer = await reviewer.post(f"/items/{ITEM}/decide", **form)
    assert answer.status_code == 400
    assert await process.parts.outbox.pending() == 0


async def test_a_post_that_no_bank_knew_is_not_asked_about(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    await reviewer.claim(ITEM)
    assert "Is it the same?" not in (await reviewer.get(f"/items/{ITEM}")).text

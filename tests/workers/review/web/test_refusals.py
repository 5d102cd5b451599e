"""A refusal says why in the reader's language."""

from __future__ import annotations

from string import Formatter

import pytest

from tests.workers.review.samples import escalation
from tests.workers.review.web.conftest import Visitor
from tests.workers.review.web.refusal_sentences import refusal_sentences
from workers.review.app import ReviewProcess
from workers.review.errors import RestError
from workers.review.store import Item, ItemState
from workers.review.store.items import closed_message
from workers.review.web.languages import Language
from workers.review.web.refusals import refusal, refusal_catalogue

CHINESE = refusal_catalogue(Language.CHINESE)
WISH = {"Accept-Language": "zh"}


def test_every_refusal_has_its_chinese() -> None:
    assert len(refusal_sentences()) > 60
    assert refusal_sentences() - CHINESE.keys() == set()


@pytest.mark.parametrize("english", sorted(CHINESE))
def test_both_have_the_same_values(english: str) -> None:
    def places(text: str) -> set[str | None]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    assert places(english) == places(CHINESE[english])


@pytest.mark.parametrize("state", [state for state in ItemState if state != ItemState.OPEN])
def test_a_closed_item_says_why_in_chinese(state: ItemState) -> None:
    said = refusal(closed_message(Item(state=state)), Language.CHINESE)
    assert said.isascii() is False
    assert "item" not in said


def test_values_are_kept_and_those_that_are_sentences_are_said_too() -> None:
    worked = str(RestError("You took 7 items today, and that is enough for a day. Thank you."))
    assert "7 项" in refusal(worked, Language.CHINESE)
    barred = "A senior settles what two reviewers disagree on. Take the next one from the queue."
    assert refusal(barred, Language.CHINESE) == (
        "两位审核员意见不一时由高级审核员裁定。请从队列领取下一项。"
    )
    assert refusal(barred, Language.ENGLISH) == barred
    assert refusal("{0} <b>", Language.CHINESE) == "{0} <b>"


async def test_the_page_of_a_refusal_is_chinese(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation()])
    item = escalation().verdict.verdict_id
    number = await reviewer.claim(item)
    reviewer.http.headers.update(WISH)
    refused = await reviewer.post(f"/items/{item}/decide", claim=number, action="remove")
    assert refused.status_code == 422
    assert "请至少选择一个违反的类别" in refused.text
    lost = await reviewer.post(f"/items/{item}/heartbeat", claim="9")
    assert "已过期" in lost.text

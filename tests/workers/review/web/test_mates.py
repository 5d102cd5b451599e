"""Near-identical items on the pages and in the API: one entry, one list, one decision."""

from __future__ import annotations

import re

import pytest

from tests.workers.review.conftest import PASSWORD
from tests.workers.review.samples import escalation, inline, photo, post
from tests.workers.review.web.conftest import NewVisitor, Visitor
from workers.review.app import ReviewProcess
from workers.review.store import Item, ItemState
from workers.review.store.queue_reading import LONGEST_QUOTED

SPAM = (
    "This one weird trick made me rich within a week; write to jo@example.org and I tell you how."
)
COPIES = [
    escalation(post(name, text=text), priority=float(9 - place))
    for place, (name, text) in enumerate(
        [("a", SPAM), ("b", SPAM), ("c", SPAM.replace("a week", "a year"))]
    )
]
FIRST, SECOND, THIRD = (each.verdict.verdict_id for each in COPIES)


@pytest.fixture
async def claimed(process: ReviewProcess, reviewer: Visitor) -> str:
    """The claim on the first of three that are alike."""
    await process.parts.intake.record(COPIES)
    return await reviewer.claim(FIRST)


async def states(process: ReviewProcess) -> dict[str, str]:
    async with process.database.reading() as session:
        found = {
            name: await session.get(Item, item)
            for name, item in zip("abc", (FIRST, SECOND, THIRD), strict=True)
        }
    return {name: item.state for name, item in found.items() if item}


def listed(page: str) -> str:
    found = re.search(r'name="alike" value="([^"]+)"', page)
    assert found, "the page lists nothing"
    return found[1]


async def test_the_queue_has_one_entry_with_its_count(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record(COPIES)
    page = (await reviewer.get("/")).text
    assert page.count("data-row") == 1
    assert "3 alike" in page


async def test_the_page_lists_the_others_and_what_they_say(claimed: str, reviewer: Visitor) -> None:
    del claimed
    page = (await reviewer.get(f"/items/{FIRST}")).text
    assert listed(page).split() == [str(SECOND), str(THIRD)]
    assert "the very same" in page
    quote = re.search(r"<q[^>]*>(.*?)</q>", page)
    assert quote
    assert "a year" in quote[1]


async def test_what_differs_and_is_too_long_to_show_is_not_decided_with_it(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    long = escalation(post("c", text=SPAM + " " * LONGEST_QUOTED), priority=1.0)
    await process.parts.intake.record([*COPIES[:2], long])
    await reviewer.claim(FIRST)
    page = (await reviewer.get(f"/items/{FIRST}")).text
    assert listed(page).split() == [str(SECOND)]
    assert "it stays in the queue" in page


async def test_what_the_others_say_is_masked_like_the_item(
    process: ReviewProcess, new_visitor: NewVisitor
) -> None:
    await process.parts.intake.record(COPIES)
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        page = (await ben.get(f"/items/{FIRST}")).text
    assert "a year" in page
    assert "jo@example.org" not in page


async def test_one_decision_goes_for_all_and_undo_takes_all_back(
    claimed: str, process: ReviewProcess, reviewer: Visitor
) -> None:
    alike = listed((await reviewer.get(f"/items/{FIRST}")).text)
    decided = await reviewer.post(
        f"/items/{FIRST}/decide", claim=claimed, action="allow", alike=alike
    )
    assert set((await states(process)).values()) == {ItemState.DECIDED}
    said = (await reviewer.get(decided.headers["location"])).text
    assert "It went for 2 alike, too." in said
    metrics = (await reviewer.http.get("/metrics")).text
    assert 'moderation_review_decisions_total{action="allow"} 3.0' in metrics

    await reviewer.post(f"/items/{FIRST}/undo")
    assert set((await states(process)).values()) == {ItemState.OPEN}


async def test_who_is_ticked_stays_open_and_stands_alone(
    claimed: str, process: ReviewProcess, reviewer: Visitor
) -> None:
    form = {"claim": claimed, "action": "allow", "alike": f"{SECOND} {THIRD}"}
    await reviewer.post(f"/items/{FIRST}/decide", apart=[str(THIRD)], **form)
    assert await states(process) == {"a": "decided", "b": "decided", "c": "open"}


async def test_what_is_no_name_of_an_item_is_refused(
    claimed: str, process: ReviewProcess, reviewer: Visitor
) -> None:
    form = {"claim": claimed, "action": "allow", "alike": "nonsense"}
    refused = await reviewer.post(f"/items/{FIRST}/decide", **form)
    assert refused.status_code == 400
    assert set((await states(process)).values()) == {ItemState.OPEN}


async def test_pictures_that_differ_are_beside_it_and_covered(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    one, again = (
        escalation(post(name, text=None, images=(inline(content),)), priority=p)
        for name, content, p in (
            ("one", photo("cat"), 9),
            ("again", photo("cat", kind="JPEG", quality=40), 5),
        )
    )
    await process.parts.intake.record([one, again])
    page = (await reviewer.get(f"/items/{one.verdict.verdict_id}")).text
    beside = page[page.index('class="mates"') :]
    source = f"/items/{again.verdict.verdict_id}/media/image/0"
    assert re.search(rf'class="veil" aria-pressed="false"[^>]*>\s*<img src="{source}"', beside)
    assert (await reviewer.get(source)).headers["content-type"] == "image/jpeg"

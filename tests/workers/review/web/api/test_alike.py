"""Programs say words on banks' matches, and decide near-identical items in one go."""

from __future__ import annotations

from schemas import TOPICS, ReviewDecision
from tests.workers.review.samples import escalation, post
from tests.workers.review.web.api.conftest import NewProgram
from tests.workers.review.web.test_known_content import recognised
from workers.review.app import ReviewProcess
from workers.review.store import Role

ITEM = escalation().verdict.verdict_id
WORD = {"bank": "memes", "entry": "case-17", "right": False}


async def test_words_on_matches_go_out_with_the_decision(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([recognised()])
    program = await new_program(Role.REVIEWER)
    claim = (await program.post(f"/items/{ITEM}/claim")).json()
    wanted = {"claim": claim["number"], "action": "allow"}
    for words in ([WORD | {"entry": "another"}], [WORD, WORD]):
        refused = await program.post(f"/items/{ITEM}/decision", json=wanted | {"bank_words": words})
        assert refused.status_code == 400
        assert "no match of this item" in refused.json()["detail"]
    taken = await program.post(f"/items/{ITEM}/decision", json=wanted | {"bank_words": [WORD]})
    assert taken.status_code == 200
    rows = await process.parts.outbox.unsent(10)
    (told,) = (
        ReviewDecision.from_bytes(row.value)
        for row in rows
        if row.topic == TOPICS.review_decisions.name
    )
    assert [word.model_dump() for word in told.bank_words] == [WORD]


async def test_one_decision_goes_for_what_is_named_and_sets_apart_the_rest(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    text = "This one weird trick made me rich in a week; write to me and I tell you how."
    copies = [
        escalation(post(name, text=text), priority=p)
        for name, p in zip("abc", (3.0, 2.0, 1.0), strict=True)
    ]
    first, second, third = (str(each.verdict.verdict_id) for each in copies)
    await process.parts.intake.record(copies)
    program = await new_program(Role.REVIEWER)
    (listed,) = (await program.get("/items")).json()
    assert (listed["item_id"], listed["alike"]) == (first, 2)
    detail = (await program.get(f"/items/{first}")).json()
    assert [(each["item_id"], each["same"]) for each in detail["alike_items"]] == [
        (second, True),
        (third, True),
    ]
    claim = (await program.post(f"/items/{first}/claim")).json()
    wanted = {"claim": claim["number"], "action": "allow", "alike": [second], "apart": [third]}
    taken = (await program.post(f"/items/{first}/decision", json=wanted)).json()
    assert taken["alike"] == [second]
    (left,) = (await program.get("/items")).json()
    assert (left["item_id"], left["alike"]) == (third, 0)

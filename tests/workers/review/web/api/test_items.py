"""What programs are given of an item: all that its page says, and its media."""

from __future__ import annotations

from schemas import (
    Action,
    AuthorSignals,
    Campaign,
    Modality,
    Reason,
    ReasonKind,
    RuleHit,
    Trace,
    content_hash,
)
from tests.workers.review.samples import NOON, escalation, inline, photo, post, wav
from tests.workers.review.web.api.conftest import NewProgram
from tests.workers.review.web.test_known_content import recognised
from workers.review.app import ReviewProcess
from workers.review.store import Role

ITEM = escalation().verdict.verdict_id
FIRED = RuleHit(rule="spam-wave", mode="live")


async def test_the_machines_word_comes_with_all_that_speaks_for_it(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    signals = AuthorSignals(
        author_id="author-1",
        posts=40,
        campaign=Campaign(authors=14, posts=31, until=NOON),
        updated_at=NOON,
    )
    vectors = Reason(kind=ReasonKind.BANK, action=Action.REVIEW, bank="vectors", distance=0.03125)
    model = Reason(
        kind=ReasonKind.MODEL, action=Action.REVIEW, category="spam", shares={Modality.TEXT: 1.0}
    )
    known = escalation(
        reasons=(vectors, model),
        rule_hits=(RuleHit(rule="tryout", mode="shadow"),),
        trace=Trace(mismatch={"text_image": 0.83}, author=signals),
    )
    await process.parts.intake.record([known])
    program = await new_program(Role.REVIEWER)
    said = (await program.get(f"/items/{ITEM}")).json()["machine"]
    assert [reason["distance"] for reason in said["reasons"]] == [0.03125, None]
    assert said["reasons"][1]["shares"] == {"text": 1.0}
    assert said["rules"][0]["mode"] == "shadow"
    assert said["mismatch"] == {"text_image": 0.83}
    assert said["author"]["campaign"]["authors"] == 14
    assert said["author"]["author_id"] is None
    senior = await new_program(Role.SENIOR)
    told = (await senior.get(f"/items/{ITEM}")).json()["machine"]
    assert told["author"] == said["author"] | {"author_id": "author-1"}


async def test_media_are_served_to_a_token(process: ReviewProcess, new_program: NewProgram) -> None:
    shown = post(images=(inline(photo("cat")),), audio=(inline(wav()),))
    await process.parts.intake.record([escalation(shown)])
    program = await new_program(Role.REVIEWER)
    paths = (await program.get(f"/items/{ITEM}")).json()["media"]
    served = [await program.get(path.removeprefix("/api/v1")) for path in paths]
    assert [(one.headers["content-type"], one.content) for one in served] == [
        ("image/png", photo("cat")),
        ("audio/wav", wav()),
    ]
    assert {"sandbox" in one.headers["content-security-policy"] for one in served} == {True}
    assert (await program.get(f"/items/{ITEM}/media/image/1")).status_code == 404


async def test_a_sound_is_drawn_for_a_token(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation(post(audio=(inline(wav()),)))])
    program = await new_program(Role.REVIEWER)
    drawn = await program.get(f"/items/{ITEM}/sounds/0/picture")
    assert drawn.headers["content-type"] == "image/png"
    assert drawn.content.startswith(b"\x89PNG")
    assert (await program.get(f"/items/{ITEM}/sounds/1/picture")).status_code == 404


async def test_what_a_decision_can_name_is_said(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    known = recognised(scores={"toxicity": 0.7, "doxing": 0.1}, rule_hits=(FIRED,))
    await process.parts.intake.record([known])
    program = await new_program(Role.REVIEWER)
    item = (await program.get(f"/items/{ITEM}")).json()
    assert {"toxicity", "doxing"} <= set(item["categories"])
    assert item["clauses"] == [FIRED.rule]
    match, other = item["machine"]["known"]
    assert (match["bank"], match["entry"]) == ("memes", "case-17")
    assert (match["part"], match["index"], match["distance"]) == ("image", 1, 12)
    assert (other["bank"], other["part"]) == ("vectors", "post")
    queues = (await program.get("/queues")).json()
    assert (queues["languages"], queues["rules"]) == (["en"], [FIRED.rule])

    number = (await program.post(f"/items/{ITEM}/claim")).json()["number"]
    wanted = {
        "claim": number,
        "action": "remove",
        "categories": ["doxing"],
        "clause": item["clauses"][0],
        "bank_words": [{"bank": match["bank"], "entry": match["entry"], "right": True}],
    }
    taken = await program.post(f"/items/{ITEM}/decision", json=wanted)
    assert taken.status_code == 200


async def test_what_was_decided_is_said_once_the_content_is_erased(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    program = await new_program(Role.REVIEWER)
    number = (await program.post(f"/items/{ITEM}/claim")).json()["number"]
    decision = {"claim": number, "action": "remove", "categories": ["toxicity"]}
    await program.post(f"/items/{ITEM}/decision", json=decision)
    assert (await program.get(f"/items/{ITEM}")).json()["decision"] is None
    await process.parts.erasure.erase_author(escalation().post.author_id)
    gone = (await program.get(f"/items/{ITEM}")).json()
    assert gone["erased"]
    assert gone["decision"] == {"action": "remove", "categories": ["toxicity"]}
    assert gone["content_hash"] == content_hash(escalation().post)
    assert (gone["text"], gone["categories"], gone["clauses"]) == (None, [], [])


async def test_golden_posts_are_kept_by_those_who_look_after_quality(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    reviewer, senior = await new_program(Role.REVIEWER), await new_program(Role.SENIOR)
    assert (await senior.put(f"/golden-posts/{ITEM}")).status_code == 409
    claim = (await reviewer.post(f"/items/{ITEM}/claim")).json()
    decision = {"claim": claim["number"], "action": "allow"}
    await reviewer.post(f"/items/{ITEM}/decision", json=decision)

    assert (await senior.put(f"/golden-posts/{ITEM}")).status_code == 204
    (listed,) = (await senior.get("/golden-posts")).json()
    assert (listed["item_id"], listed["action"]) == (str(ITEM), "allow")
    assert (await senior.delete(f"/golden-posts/{ITEM}")).status_code == 204
    (retired,) = (await senior.get("/golden-posts")).json()
    assert retired["retired_at"] is not None


async def test_a_person_agrees_to_the_restricted_lane_and_takes_it_back(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    program = await new_program(Role.REVIEWER)
    await program.post(f"/items/{ITEM}/claim")
    day = (await program.get("/wellbeing")).json()
    assert (day["items"], day["consented_at"], day["restricted"]) == (1, None, ["self_harm"])
    assert (await program.put("/wellbeing/consent")).status_code == 204
    assert (await program.get("/wellbeing")).json()["consented_at"] is not None
    assert (await program.delete("/wellbeing/consent")).status_code == 204
    assert (await program.get("/wellbeing")).json()["consented_at"] is None

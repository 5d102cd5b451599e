"""What programs are given of an item: all that its page says, and its media."""

from __future__ import annotations

import pytest

from schemas import Action, AuthorSignals, Campaign, Modality, Reason, ReasonKind, RuleHit, Trace
from tests.workers.review.samples import NOON, escalation, inline, photo, post, wav
from tests.workers.review.web.api.conftest import NewProgram
from workers.review.app import ReviewProcess
from workers.review.store import Role

ITEM = escalation().verdict.verdict_id


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


@pytest.mark.parametrize(("role", "status"), [("auditor", 204), ("king", 422)])
async def test_admins_change_roles(new_program: NewProgram, role: str, status: int) -> None:
    admin, other = await new_program(Role.ADMIN), await new_program(Role.REVIEWER)
    (someone,) = [
        each for each in (await admin.get("/accounts")).json() if each["role"] == "reviewer"
    ]
    assert "password_hash" not in someone
    path = f"/accounts/{someone['account_id']}/role"
    assert (await other.put(path, json={"role": "admin"})).status_code == 403
    assert (await admin.put(path, json={"role": role})).status_code == status
    assert (await other.get("/figures")).status_code == (200 if role == "auditor" else 403)

"""Programs do what reviewers do, and get no more than their role's share."""

from __future__ import annotations

from datetime import timedelta

import pytest
from jsonschema.validators import Draft202012Validator

from schemas import Action
from tests.workers.review.conftest import PASSWORD, MovableClock
from tests.workers.review.samples import appeal, escalation, inline, png, post, verdict
from tests.workers.review.web.api.conftest import NewProgram
from tests.workers.review.web.conftest import Visitor
from workers.review import ReviewSettings
from workers.review.app import ReviewProcess
from workers.review.store import Role

ITEM = escalation().verdict.verdict_id
MAIL = "Write to someone@example.org."


@pytest.fixture
def settings(settings: ReviewSettings) -> ReviewSettings:
    return settings.model_copy(update={"second_opinion_rate": 1.0})


async def test_an_item_is_found_claimed_decided_undone_and_decided_again(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    program = await new_program(Role.REVIEWER)
    assert (await program.get("/queues")).json()["open_by_queue"] == {"default": 1}
    (listed,) = (await program.get("/items")).json()
    assert (listed["item_id"], listed["kind"]) == (str(ITEM), "escalation")

    claim = (await program.post("/items/next", json={"queue": "default"})).json()
    assert (await program.post("/items/next", json={})).status_code == 204
    kept = await program.put(f"/items/{ITEM}/claim", json={"number": claim["number"]})
    assert kept.status_code == 200
    wanted = {"claim": claim["number"], "action": "remove", "categories": ["toxicity"]}
    taken = await program.post(f"/items/{ITEM}/decision", json=wanted)
    again = await program.post(f"/items/{ITEM}/decision", json=wanted)
    assert taken.json() == again.json()

    undone = (await program.delete(f"/items/{ITEM}/decision")).json()
    assert await process.parts.outbox.pending() == 0
    right = {"claim": undone["number"], "action": "allow"}
    assert (await program.post(f"/items/{ITEM}/decision", json=right)).status_code == 200
    assert await process.parts.outbox.pending() == 2


async def test_a_claim_can_be_put_back(process: ReviewProcess, new_program: NewProgram) -> None:
    await process.parts.intake.record([escalation()])
    program = await new_program(Role.REVIEWER)
    claim = (await program.post(f"/items/{ITEM}/claim")).json()
    released = await program.delete(f"/items/{ITEM}/claim", params={"number": claim["number"]})
    assert released.status_code == 204
    assert (await program.get("/items")).json()[0]["held"] is False


@pytest.mark.parametrize(("role", "seen"), [(Role.REVIEWER, False), (Role.SENIOR, True)])
async def test_personal_data_is_masked_by_role(
    process: ReviewProcess, new_program: NewProgram, role: Role, *, seen: bool
) -> None:
    await process.parts.intake.record([escalation(post(text=MAIL, images=(inline(png()),)))])
    program = await new_program(role)
    item = (await program.get(f"/items/{ITEM}")).json()
    assert ("someone@example.org" in item["text"]) is seen
    assert item["machine"]["scores"]["toxicity"] == pytest.approx(0.71)


async def test_blind_work_shows_nothing_that_was_said(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    first, second = await new_program(Role.REVIEWER), await new_program(Role.REVIEWER)
    claim = (await first.post(f"/items/{ITEM}/claim")).json()
    wanted = {"claim": claim["number"], "action": "remove", "categories": ["toxicity"]}
    await first.post(f"/items/{ITEM}/decision", json=wanted)

    (listed,) = (await second.get("/items")).json()
    assert (await first.get("/items")).json() == []
    assert listed["kind"] == "second opinion"
    item = (await second.get(f"/items/{listed['item_id']}")).json()
    assert item["text"] == escalation().post.text
    for hidden in ("category", "score", "machine_action", "machine"):
        assert item[hidden] is None, hidden
    assert item["earlier"] == []


async def test_another_programs_claim_and_decision_are_out_of_reach(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    await process.parts.intake.record([escalation()])
    mine, other = await new_program(Role.REVIEWER), await new_program(Role.REVIEWER)
    number = (await mine.post(f"/items/{ITEM}/claim")).json()["number"]
    wanted = {"claim": number, "action": "allow"}
    path = f"/items/{ITEM}"
    for answer in (
        await other.post(f"{path}/claim"),
        await other.put(f"{path}/claim", json={"number": number}),
        await other.delete(f"{path}/claim", params={"number": number}),
        await other.post(f"{path}/decision", json=wanted),
    ):
        assert answer.status_code == 409
        assert answer.json()["status"] == 409
    assert (await mine.post(f"{path}/decision", json=wanted)).status_code == 200
    assert (await other.delete(f"{path}/decision")).status_code == 409


async def test_an_appeal_is_handed_in_once_and_answered(new_program: NewProgram) -> None:
    program, reviewer = await new_program(Role.SENIOR), await new_program(Role.REVIEWER)
    sent = appeal(verdict(post(), action=Action.REMOVE))
    for _ in range(2):
        answer = await program.post("/appeals", content=sent.to_bytes())
        assert (answer.status_code, answer.json()["state"]) == (202, "open")
    claim = (await reviewer.post("/items/next", json={})).json()
    item = (await reviewer.get(f"/items/{claim['item_id']}")).json()
    assert (item["kind"], item["plea"]) == ("appeal", sent.statement)
    decision = {"claim": claim["number"], "action": "allow"}
    await reviewer.post(f"/items/{claim['item_id']}/decision", json=decision)

    got = (await program.get(f"/appeals/{sent.appeal_id}")).json()
    assert got["state"] == "reversed"
    assert (await program.get("/appeals", params={"state": "open"})).json() == []
    figures = (await program.get("/figures")).json()
    assert figures["appeals"] == [{"state": "reversed", "appeals": 1}]


async def test_an_appeal_that_breaks_the_contract_is_told_where_and_not_quoted(
    new_program: NewProgram,
) -> None:
    program = await new_program(Role.ADMIN)
    answer = await program.post("/appeals", json={"appeal_id": "secret words"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "appeal_id" in answer.json()["detail"]
    assert "secret words" not in answer.text


async def test_trail_and_figures_come_as_json(new_program: NewProgram) -> None:
    program = await new_program(Role.ADMIN)
    rows = (await program.get("/audit", params={"limit": 2})).json()
    older = (await program.get("/audit", params={"before": rows[-1]["row_id"]})).json()
    assert [row["row_id"] for row in rows + older] == sorted(
        (row["row_id"] for row in rows + older), reverse=True
    )
    assert (await program.get("/quality")).json()["agreement"]["pairs"] == 0
    backwards = await program.get("/figures", params={"from": "2026-05-04", "to": "2026-05-03"})
    assert backwards.status_code == 400


async def test_the_trail_is_checked_against_a_digest_that_was_noted(
    process: ReviewProcess, new_program: NewProgram
) -> None:
    program = await new_program(Role.AUDITOR)
    noted = (await program.get("/audit/check")).json()
    assert (noted["sound"], noted["broken_at"]) == (True, None)
    await process.parts.accounts.add("another", PASSWORD)
    later = (await program.get("/audit/check", params={"anchor": noted["head"]})).json()
    assert (later["sound"], later["rows"]) == (True, noted["rows"] + 1)
    cut = (await program.get("/audit/check", params={"anchor": "f" * 64})).json()
    assert (cut["sound"], cut["anchored"]) == (False, False)
    assert (await program.get("/audit/check", params={"anchor": "short"})).status_code == 422


async def test_a_webhook_is_made_with_its_secret_and_ended(new_program: NewProgram) -> None:
    program = await new_program(Role.ADMIN)
    wanted = {"url": "https://example.org/hook", "events": ["decision"]}
    made = (await program.post("/webhooks", json=wanted)).json()
    assert made["secret"].startswith("whsec_")
    (listed,) = (await program.get("/webhooks")).json()
    assert "secret" not in listed
    assert (await program.get(f"/webhooks/{made['webhook_id']}/deliveries")).json() == []
    assert (await program.delete(f"/webhooks/{made['webhook_id']}")).status_code == 204
    assert (await program.get("/webhooks")).json() == []


async def test_a_token_ends_by_time_by_revoking_and_with_its_account(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    ben = await process.parts.accounts.add("ben", PASSWORD)
    token, secret = await process.parts.tokens.issue(
        ben.account_id, "ci", lifetime=timedelta(days=1)
    )
    other, other_secret = await process.parts.tokens.issue(
        ben.account_id, "ci", lifetime=timedelta(days=3)
    )

    async def status(shown: str) -> int:
        headers = {"Authorization": f"Bearer {shown}"}
        answer = await reviewer.http.get("/api/v1/items", headers=headers)
        return answer.status_code

    assert await status(secret) == 200
    assert await status(secret + "x") == 401
    clock.advance(timedelta(days=1))
    assert [await status(secret), await status(other_secret)] == [401, 200]
    await process.parts.tokens.revoke(other.token_id)
    assert await status(other_secret) == 401
    assert token.token_hash not in {secret, other_secret}


async def test_the_document_is_whole_and_its_schemas_are_schemas(
    reviewer: Visitor,
) -> None:
    document = (await reviewer.http.get("/api/v1/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert all(path.startswith("/api/v1/") for path in document["paths"])
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert "text/html" not in str(document)

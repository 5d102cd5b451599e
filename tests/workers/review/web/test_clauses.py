"""A reviewer names the clause of the policy that a restriction rests on."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from schemas import TOPICS, RuleHit, Verdict
from tests.workers.review.samples import escalation
from tests.workers.review.web.conftest import Visitor
from workers.review.app import ReviewProcess
from workers.review.dsa.writing import Terms, write_statement
from workers.review.store import Item, ItemKind
from workers.review.store.tables import Decision, OutboxRow

ITEM = escalation().verdict.verdict_id
FIRED = escalation(
    rule_hits=(
        RuleHit(rule="insult-at-person", mode="live"),
        RuleHit(rule="tryout", mode="shadow"),
        RuleHit(rule="fragile", mode="live", errored=True),
    )
)


async def decided(process: ReviewProcess) -> tuple[str | None, Verdict]:
    """The clause that is kept, and the verdict that goes out."""
    async with process.database.reading() as session:
        kept = (await session.scalars(select(Decision.clause))).one()
        sent = select(OutboxRow.value).where(OutboxRow.topic == TOPICS.verdicts.name)
        return kept, Verdict.from_bytes((await session.scalars(sent)).one())


async def test_the_rules_that_fired_can_be_named(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([FIRED])
    await reviewer.claim(ITEM)
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "<option>insult-at-person</option>" in page
    assert "<option>tryout</option>" not in page
    assert "<option>fragile</option>" not in page


async def test_the_clause_stays_with_the_decision_and_reaches_the_statement_of_reasons(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([FIRED])
    form = {"action": "remove", "category": "toxicity", "clause": "insult-at-person"}
    await reviewer.post(f"/items/{ITEM}/decide", claim=await reviewer.claim(ITEM), **form)
    kept, verdict = await decided(process)
    assert kept == "insult-at-person"
    assert [reason.rule for reason in verdict.reasons] == ["insult-at-person"]

    await process.parts.statements.record([verdict])
    (noted,) = await process.parts.statements.unexported(10)
    written = write_statement(noted, Terms("House rules"))
    assert written is not None
    ground = written.payload()["incompatible_content_ground"]
    assert ground == "House rules, clause insult-at-person: toxicity"


@pytest.mark.parametrize("form", [{"action": "allow", "clause": "insult-at-person"}, {}])
async def test_without_a_restriction_or_a_name_there_is_no_clause(
    process: ReviewProcess, reviewer: Visitor, form: dict[str, str]
) -> None:
    await process.parts.intake.record([FIRED])
    chosen = {"action": "remove", "category": "toxicity"} | form
    await reviewer.post(f"/items/{ITEM}/decide", claim=await reviewer.claim(ITEM), **chosen)
    kept, verdict = await decided(process)
    assert kept is None
    assert {reason.rule for reason in verdict.reasons} == {None}


@pytest.mark.parametrize("clause", ["tryout", "fragile", "made-up"])
async def test_what_did_not_fire_is_no_clause(
    process: ReviewProcess, reviewer: Visitor, clause: str
) -> None:
    await process.parts.intake.record([FIRED])
    form = {"action": "remove", "category": "toxicity", "clause": clause}
    claim = await reviewer.claim(ITEM)
    answer = await reviewer.post(f"/items/{ITEM}/decide", claim=claim, **form)
    assert answer.status_code == 400
    assert "insult-at-person" in answer.text
    assert await process.parts.outbox.pending() == 0


async def test_whoever_judges_blind_is_offered_no_clause_and_can_name_none(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([FIRED])
    async with process.database.writing() as session:
        await session.execute(update(Item).values(kind=ItemKind.SECOND))
    claim = await reviewer.claim(ITEM)
    assert "insult-at-person" not in (await reviewer.get(f"/items/{ITEM}")).text
    form = {"action": "remove", "category": "toxicity", "clause": "insult-at-person"}
    answer = await reviewer.post(f"/items/{ITEM}/decide", claim=claim, **form)
    assert answer.status_code == 400

"""What a reviewer sees and does, page by page."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from schemas import (
    Action,
    Modality,
    NotScanned,
    NotScannedReason,
    Op,
    Place,
    Reason,
    ReasonKind,
    RuleHit,
    VerdictStatus,
    content_hash,
)
from tests.workers.review.conftest import LEASE, PASSWORD, MovableClock
from tests.workers.review.samples import MODEL_VERSION, escalation, inline, png, post, verdict
from tests.workers.review.web.conftest import NewVisitor, Visitor
from workers.review.app import ReviewProcess
from workers.review.clock import utc_now
from workers.review.store import AuditEvent, AuditTrail
from workers.review.store.audit_table import AuditRow
from workers.review.store.tables import OutboxRow

ITEM = escalation().verdict.verdict_id


async def outbox_topics(process: ReviewProcess) -> list[str]:
    async with process.database.reading() as session:
        rows = await session.scalars(select(OutboxRow.topic).order_by(OutboxRow.row_id))
        return list(rows.all())


async def item_page(process: ReviewProcess, reader: Visitor, **of_the_verdict: Any) -> str:
    """The page of an item that has just come in."""
    await process.parts.intake.record([escalation(**of_the_verdict)])
    return (await reader.get(f"/items/{ITEM}")).text


async def test_the_item_page_shows_why_it_is_here(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    model = Reason(
        kind=ReasonKind.MODEL,
        action=Action.REVIEW,
        category="toxicity",
        score=0.71,
        threshold=0.6,
        shares={Modality.TEXT: 0.8, Modality.IMAGE: 0.2},
    )
    rule = Reason(kind=ReasonKind.RULE, action=Action.LIMIT, rule="new-account-links")
    page = await item_page(
        process,
        reviewer,
        reasons=(model, rule),
        rule_hits=(
            RuleHit(rule="new-account-links", mode="live"),
            RuleHit(rule="tryout", mode="shadow"),
            RuleHit(rule="fragile", mode="live", errored=True),
        ),
        status=VerdictStatus.DEGRADED,
        not_scanned=(NotScanned(modality=Modality.AUDIO, reason=NotScannedReason.UNDECODABLE),),
    )

    for part in (
        "You are a muppet",
        "threshold 60 %",
        "text 80 %",
        "image 20 %",
        "new-account-links",
        "tryout fired (shadow mode: no effect)",
        "fragile failed and was not applied",
        "Audio 1: it is broken.",
        MODEL_VERSION,
        "is unsure and asks you. It did not see all of it.",
    ):
        assert part in page, part


async def test_what_spoke_is_marked_in_the_text(process: ReviewProcess, reviewer: Visitor) -> None:
    place = Place(modality=Modality.TEXT, start=10, end=16)
    reason = Reason(kind=ReasonKind.MODEL, action=Action.REVIEW, category="toxicity", place=place)
    page = await item_page(process, reviewer, reasons=(reason,))
    assert 'You are a <mark class="strongest">muppet</mark> and everybody' in page
    assert "where the model is surest" in page
    assert "what a rule matched" not in page


async def test_what_rules_matched_is_marked_wherever_it_stands_and_escaped(
    process: ReviewProcess, new_visitor: NewVisitor
) -> None:
    rule = Reason(
        kind=ReasonKind.RULE, action=Action.REVIEW, rule="spam", detail="a: “<b>”; b: “jo@e.org”"
    )
    await process.parts.intake.record(
        [escalation(post(text="<b>Now</b> or <b>never</b>: jo@e.org"), reasons=(rule,))]
    )
    await process.parts.accounts.add("ben", PASSWORD)
    async with new_visitor() as ben:
        await ben.sign_in("ben")
        page = (await ben.get(f"/items/{ITEM}")).text
    assert page.count('<mark class="quoted">&lt;b&gt;</mark>') == 2
    assert "what a rule matched" in page
    assert "jo@e.org" not in page


async def test_a_rule_that_only_moves_a_score_is_not_shown_as_asking_to_allow(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    shift = Reason(kind=ReasonKind.RULE, action=Action.ALLOW, rule="scam_phrase")
    page = await item_page(process, reviewer, reasons=(shift,))
    assert "scam_phrase" in page
    assert "chip-allow" not in page


async def test_of_an_erased_item_the_page_shows_hash_and_decision(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    shown = post(images=(inline(png()),))
    await process.parts.intake.record([escalation(shown)])
    number = await reviewer.claim(ITEM)
    await reviewer.post(
        f"/items/{ITEM}/decide", claim=number, action="limit", category=["toxicity"]
    )
    gone = verdict(post(op=Op.DELETE, text=None), status=VerdictStatus.WITHDRAWN)
    await process.parts.changes.record([gone])

    page = await reviewer.get(f"/items/{ITEM}")
    assert page.status_code == 200
    assert "muppet" not in page.text
    for part in ("took the post back", "limit (Toxicity)", content_hash(shown)):
        assert str(part) in page.text
    assert (await reviewer.get(f"/items/{ITEM}/media/image/0")).status_code == 410
    late = await reviewer.post(f"/items/{ITEM}/decide", claim=number, action="allow")
    assert late.status_code == 410


async def test_without_a_claim_there_is_nothing_to_decide_with(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    await process.parts.intake.record([escalation()])
    page = (await reviewer.get(f"/items/{ITEM}")).text
    assert "/claim" in page
    assert 'name="action"' not in page


async def test_claim_and_decide(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    response = await reviewer.post(
        f"/items/{ITEM}/decide", claim=number, action="remove", category=["toxicity", "hate"]
    )

    assert (response.status_code, response.headers["location"]) == (
        303,
        f"/?decided=remove&item={ITEM}",
    )
    page = (await reviewer.get("/?decided=remove")).text
    assert "Decision saved: removed." in page
    assert "The queue is empty" in page
    assert await outbox_topics(process) == ["review-decisions", "verdicts"]
    assert "has been decided" in (await reviewer.get(f"/items/{ITEM}")).text


async def test_take_the_next_opens_the_most_pressing(
    process: ReviewProcess, reviewer: Visitor
) -> None:
    grave = escalation(post("grave"), priority=50)
    await process.parts.intake.record([escalation(), grave])
    response = await reviewer.post("/next")
    assert response.headers["location"] == f"/items/{grave.verdict.verdict_id}?flow=1"
    await reviewer.post("/next")
    assert (await reviewer.post("/next")).headers["location"] == "/?empty=1"


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"action": "remove"}, 422, "at least one category"),
        ({"action": "review"}, 400, "no decision"),
        ({"action": "allow", "category": ["made_up"]}, 400, "Unknown category"),
        ({"action": "allow", "note": "x" * 1001}, 400, "at most 1,000 characters"),
        ({"action": "allow", "claim": "x"}, 400, "names no claim"),
    ],
)
async def test_a_decision_out_of_bounds_is_refused_with_what_to_do(
    process: ReviewProcess, reviewer: Visitor, form: dict[str, str], status: int, said: str
) -> None:
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    response = await reviewer.post(f"/items/{ITEM}/decide", **({"claim": number} | form))

    assert response.status_code == status
    assert said in response.text
    assert await outbox_topics(process) == []


async def test_two_reviewers_cannot_decide_the_same_item(
    process: ReviewProcess, reviewer: Visitor, new_visitor: NewVisitor, clock: MovableClock
) -> None:
    await process.parts.accounts.add("ben", PASSWORD)
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    async with new_visitor() as other:
        await other.sign_in("ben")
        assert (await other.post(f"/items/{ITEM}/claim")).status_code == 409
        assert "A colleague is working" in (await other.get(f"/items/{ITEM}")).text
        clock.advance(LEASE)
        await other.claim(ITEM)

    late = await reviewer.post(f"/items/{ITEM}/decide", claim=number, action="allow")
    assert late.status_code == 409
    assert "has run out and the item moved on" in late.text
    lost = await reviewer.post(f"/items/{ITEM}/heartbeat", claim=number)
    assert "data-lease-lost" in lost.text


async def test_a_heartbeat_answers_with_the_time_left(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    clock.advance(LEASE / 2)
    response = await reviewer.post(f"/items/{ITEM}/heartbeat", claim=number)
    assert 'data-countdown="120"' in response.text


async def test_an_item_can_be_put_back(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    await reviewer.post(f"/items/{ITEM}/release", claim=number)
    assert "<strong>0</strong> being looked at" in (await reviewer.get("/")).text


async def test_every_deed_is_in_the_trail(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation()])
    number = await reviewer.claim(ITEM)
    await reviewer.post(f"/items/{ITEM}/decide", claim=number, action="allow")
    async with process.database.reading() as session:
        rows = await session.scalars(select(AuditRow.event).order_by(AuditRow.row_id))
    assert list(rows.all()) == ["settings", "account", "login", "claim", "view", "decide"]
    page = (await reviewer.get("/audit")).text
    assert page.count(f'href="/items/{ITEM}"') == 3
    assert "reviewer-" in page


async def test_a_long_trail_has_pages(process: ReviewProcess, reviewer: Visitor) -> None:
    await process.parts.intake.record([escalation()])
    async with process.database.writing() as session:
        for _ in range(103):
            AuditTrail(utc_now).add(session, AuditEvent.VIEW, verdict_id=ITEM)
    first = (await reviewer.get("/audit")).text
    older = re.search(r"/audit\?before=\d+", first)
    assert older
    second = (await reviewer.get(older[0])).text
    assert (first.count("<tr>"), second.count("<tr>")) == (101, 7)


async def test_a_session_that_ended_sends_a_polling_page_to_the_login(
    reviewer: Visitor, clock: MovableClock
) -> None:
    clock.advance(timedelta(hours=11))
    response = await reviewer.http.get("/queue", headers={"HX-Request": "true"})
    assert response.status_code == 401
    assert response.headers["hx-redirect"] == "/login"


async def test_metrics_tell_how_the_queue_stands(
    process: ReviewProcess, reviewer: Visitor, clock: MovableClock
) -> None:
    await process.parts.intake.record([escalation(), escalation(post("p-2"))])
    number = await reviewer.claim(ITEM)
    await reviewer.post(
        f"/items/{ITEM}/decide", claim=number, action="remove", category=["toxicity"]
    )
    clock.advance(timedelta(hours=5))
    metrics = (await reviewer.http.get("/metrics")).text

    for line in (
        'moderation_review_items{state="open"} 1.0',
        'moderation_review_items{state="claimed"} 0.0',
        'moderation_review_items{state="decided"} 1.0',
        "moderation_review_oldest_open_seconds 18000.0",
        "moderation_review_overdue_items 1.0",
        "moderation_review_claims_total 1.0",
        'moderation_review_decisions_total{action="remove"} 1.0',
        "moderation_review_outbox_pending 2.0",
        "moderation_review_outbox_relayed_total 0.0",
        "moderation_review_escalations_consumed_total 0.0",
    ):
        assert line in metrics, line


async def test_probes_answer_without_a_login(visitor: Visitor) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await visitor.http.get(path)).status_code == 200

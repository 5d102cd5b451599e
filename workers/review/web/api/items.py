"""Queues, items, claims and decisions, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from schemas import Action
from schemas.base import Name
from schemas.post import LanguageTag
from schemas.taxonomy import Category
from workers.review.errors import BadRequestError
from workers.review.store import Choice, Severity, Wanted
from workers.review.web import views
from workers.review.web.api.item_models import (
    ClaimGiven,
    ClaimNumber,
    ClaimShown,
    DecisionTaken,
    DecisionWanted,
    ItemDetail,
    ItemSummary,
    NextWanted,
    QueueState,
)
from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.shapes import Limit, Offset
from workers.review.web.api.shown import item_detail, item_summary
from workers.review.web.clauses import chosen_clause
from workers.review.web.known_content import checked_words
from workers.review.web.mates import Named, alike_of
from workers.review.web.permissions import sees_personal_data, shown_to
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["items"], prefix=API_PREFIX)


@router.get("/queues")
async def queues(login: SignedIn, console: TheConsole) -> QueueState:
    """How many items wait, by queue and state, and what they can be looked for by."""
    del login
    counts = await console.parts.queue.counts()
    return QueueState(
        open_by_queue=dict(counts.by_queue),
        items_by_state=dict(counts.by_state),
        overdue=counts.overdue,
        oldest_escalated_at=counts.oldest_escalated_at,
        languages=list(counts.languages),
        rules=list(await console.parts.queue.rules()),
    )


@router.get("/items")
async def items(
    login: SignedIn,
    console: TheConsole,
    *,
    queue: Name | None = None,
    category: Category | None = None,
    language: LanguageTag | None = None,
    rule: Name | None = None,
    severity: Severity | None = None,
    limit: Annotated[Limit, Query()] = 50,
    offset: Annotated[Offset, Query()] = 0,
) -> list[ItemSummary]:
    """Undecided items that the caller may take, the most pressing first."""
    wanted = Wanted(queue, category, language, rule, severity)
    found = await console.parts.queue.open_items(login.account, wanted, limit=limit, offset=offset)
    gathered = await console.parts.queue.gathered(found)
    return [
        item_summary(item, console.clock(), gathered[item.cluster].others)
        for item in found
        if item.cluster in gathered  # decided between the two looks
    ]


@router.post("/items/next", responses={204: {"description": "Nothing waits."}})
async def claim_next(
    wanted: NextWanted, response: Response, login: SignedIn, console: TheConsole
) -> ClaimGiven | None:
    """Claim the most pressing item that nobody holds."""
    part = Wanted(wanted.queue, wanted.category, wanted.language, wanted.rule, wanted.severity)
    claim = await console.parts.queue.claim_next(login.account, part)
    if claim is None:
        response.status_code = 204
        return None
    console.metrics.claims.inc()
    return ClaimGiven(item_id=claim.verdict_id, number=claim.number, until=claim.until)


@router.get("/items/{item_id}")
async def item(item_id: UUID, login: SignedIn, console: TheConsole) -> ItemDetail:
    """One item with its post; the trail keeps that it was seen."""
    viewed = await console.parts.queue.view(
        item_id, login.account, personal_data=sees_personal_data(login)
    )
    return item_detail(
        viewed, shown_to(login), console.clock(), personal_data=sees_personal_data(login)
    )


@router.post("/items/{item_id}/claim")
async def claim(item_id: UUID, login: SignedIn, console: TheConsole) -> ClaimGiven:
    """Take an item."""
    taken = await console.parts.queue.claim(item_id, login.account)
    console.metrics.claims.inc()
    return ClaimGiven(item_id=item_id, number=taken.number, until=taken.until)


@router.put("/items/{item_id}/claim")
async def renew(
    item_id: UUID, held: ClaimShown, login: SignedIn, console: TheConsole
) -> ClaimGiven:
    """Heartbeat: the lease starts anew."""
    kept = await console.parts.queue.renew(item_id, login.account, held.number)
    return ClaimGiven(item_id=item_id, number=kept.number, until=kept.until)


@router.delete("/items/{item_id}/claim", status_code=204)
async def release(
    item_id: UUID,
    number: Annotated[ClaimNumber, Query()],
    login: SignedIn,
    console: TheConsole,
) -> None:
    """Put an item back."""
    await console.parts.queue.release(item_id, login.account, number)


@router.post("/items/{item_id}/decision")
async def decide(
    item_id: UUID, wanted: DecisionWanted, login: SignedIn, console: TheConsole
) -> DecisionTaken:
    """Decide an item. The same decision sent twice is taken once and answered twice."""
    content = await console.parts.queue.content(item_id)
    known = {choice.name for choice in views.category_choices(content.verdict)}
    if unknown := set(wanted.categories) - known:
        raise BadRequestError(f"Unknown category {min(unknown)}; choose from {sorted(known)}.")
    action, verdict = Action(wanted.action), content.verdict
    unseen = await console.shelf.unseen(content.post)
    choice = Choice(
        action=action,
        categories=tuple(dict.fromkeys(wanted.categories)),
        note=wanted.note,
        unseen=unseen,
        bank_words=checked_words(wanted.bank_words, verdict),
        clause=await chosen_clause(console, item_id, verdict, wanted.clause, action),
    )
    decisions, apart = console.parts.decisions, frozenset(wanted.apart)
    named = Named(decided=frozenset(wanted.alike) - apart, apart=apart)
    alike = await alike_of(console, item_id, content.post, unseen, named)
    decision = await decisions.decide(item_id, login.account, wanted.claim, choice, alike)
    covered = await decisions.covered_by(decision)
    console.metrics.decisions.labels(decision.action).inc(1 + len(covered))
    console.decided()
    within: timedelta = console.parts.undoing.within
    return DecisionTaken(
        decision_id=decision.decision_id,
        item_id=item_id,
        action=decision.action,
        categories=list(decision.categories),
        decided_at=decision.decided_at,
        undo_until=decision.decided_at + within,
        alike=list(covered),
    )


@router.delete("/items/{item_id}/decision")
async def undo(item_id: UUID, login: SignedIn, console: TheConsole) -> ClaimGiven:
    """Take a decision back, and the item in hand again."""
    undone = await console.parts.undoing.undo(item_id, login.account)
    console.metrics.undone.inc()
    return ClaimGiven(item_id=item_id, number=undone.number, until=undone.until)

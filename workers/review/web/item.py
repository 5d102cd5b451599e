"""What a reviewer does to an item: claim it, keep it, put it back, decide, undo."""

from __future__ import annotations

from contextlib import suppress
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from schemas import Action, Escalation
from workers.review.errors import (
    BadRequestError,
    ItemClosedError,
    ItemNotFoundError,
    StaleClaimError,
)
from workers.review.store import Choice
from workers.review.web import views
from workers.review.web.clauses import chosen_clause
from workers.review.web.console import Console
from workers.review.web.item_page import LONGEST_NOTE, heartbeat_seconds
from workers.review.web.known_content import bank_words
from workers.review.web.mates import alike_of, named_in
from workers.review.web.pages import render
from workers.review.web.part import Part
from workers.review.web.refusals import refusals
from workers.review.web.security import GuardedForm, Login, SignedIn, TheConsole, text_field
from workers.review.web.turn import after_decision, item_in_turn

CHOICES: Final = {action.value: action for action in (Action.ALLOW, Action.LIMIT, Action.REMOVE)}
"""What a person can decide: ``review`` is what the machine says when it wants one."""

router = APIRouter(prefix="/items/{verdict_id}")


@router.post("/claim")
async def claim(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Take the item."""
    del form
    await console.parts.queue.claim(verdict_id, login.account)
    console.metrics.claims.inc()
    return RedirectResponse(f"/items/{verdict_id}", status_code=303)


@router.post("/heartbeat")
async def heartbeat(
    request: Request, verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Keep the lease; answers with the line that shows how long it holds."""
    number = _claim_number(form)
    lost: str | None = None
    seconds = 0
    try:
        held = await console.parts.queue.renew(verdict_id, login.account, number)
        seconds = views.lease_seconds(held.until, console.clock())
    except (StaleClaimError, ItemClosedError) as error:
        lost = refusals(request)(str(error))
    context = {
        "verdict_id": verdict_id,
        "number": number,
        "seconds": seconds,
        "lost": lost,
        "every": heartbeat_seconds(console),
    }
    return render(request, "_lease.html", context, login=login)


@router.post("/release")
async def release(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Put the item back."""
    await console.parts.queue.release(verdict_id, login.account, _claim_number(form))
    return RedirectResponse("/", status_code=303)


@router.post("/decide")
async def decide(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Decide, and go on: in turn to the next item, or else to the queue."""
    escalation = await console.parts.queue.content(verdict_id)
    action, post = _action(form), escalation.post
    clause = text_field(form, "clause", longest=64)
    unseen = await console.shelf.unseen(post)
    choice = Choice(
        action=action,
        categories=_categories(form, escalation),
        note=text_field(form, "note", longest=LONGEST_NOTE).strip() or None,
        unseen=unseen,
        bank_words=bank_words(form, escalation.verdict),
        clause=await chosen_clause(console, verdict_id, escalation.verdict, clause, action),
    )
    alike = await alike_of(console, verdict_id, post, unseen, named_in(form))
    decision = await console.parts.decisions.decide(
        verdict_id, login.account, _claim_number(form), choice, alike
    )
    covered = len(await console.parts.decisions.covered_by(decision))
    console.metrics.decisions.labels(decision.action).inc(1 + covered)
    console.decided()
    said = {"decided": str(decision.action), "item": str(verdict_id)}
    if covered:
        said["alike"] = str(covered)
    in_turn = bool(text_field(form, "flow", longest=4))
    there = await after_decision(console, login, Part.of_form(form), said, in_turn=in_turn)
    return RedirectResponse(there, status_code=303)


@router.post("/undo")
async def undo(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Take the decision back, and the item in hand again; what came next goes back."""
    await console.parts.undoing.undo(verdict_id, login.account)
    console.metrics.undone.inc()
    if text_field(form, "instead", longest=36):
        await _put_back(console, login, form)
        return RedirectResponse(item_in_turn(verdict_id, Part.of_form(form)), status_code=303)
    return RedirectResponse(f"/items/{verdict_id}", status_code=303)


@router.post("/golden")
async def make_golden(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Give the decided item to other reviewers, to see whether they agree."""
    del form
    await console.parts.golden.add(verdict_id, login.account)
    return RedirectResponse("/quality", status_code=303)


async def _put_back(console: Console, login: Login, form: FormData) -> None:
    """Put back what was in hand instead; it may be nobody's any more."""
    try:
        instead = UUID(text_field(form, "instead", longest=36))
    except ValueError:
        raise BadRequestError("The form names no item. Reload the page and try again.") from None
    with suppress(StaleClaimError, ItemClosedError, ItemNotFoundError):
        await console.parts.queue.release(instead, login.account, _claim_number(form))


def _claim_number(form: FormData) -> int:
    value = text_field(form, "claim", longest=12)
    if not value.isascii() or not value.isdigit():
        raise BadRequestError("The form names no claim. Reload the page and try again.")
    return int(value)


def _action(form: FormData) -> Action:
    value = text_field(form, "action", longest=16)
    if value not in CHOICES:
        raise BadRequestError(f"{value!r} is no decision; choose {', '.join(CHOICES)}.")
    return CHOICES[value]


def _categories(form: FormData, escalation: Escalation) -> tuple[str, ...]:
    known = [choice.name for choice in views.category_choices(escalation.verdict)]
    ticked = {value for value in form.getlist("category") if isinstance(value, str)}
    if not ticked <= set(known):
        raise BadRequestError(f"Unknown category; choose from {', '.join(known)}.")
    return tuple(name for name in known if name in ticked)

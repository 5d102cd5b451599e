"""The item page: what was posted, why it is here, and the reviewer's decision."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from schemas import Action, Escalation, Media, Modality
from workers.review.errors import (
    BadRequestError,
    ItemClosedError,
    MediaUnavailableError,
    StaleClaimError,
)
from workers.review.store import BLIND, Choice, ItemState, Viewed
from workers.review.web import views
from workers.review.web.circumstances import author_figures, mismatches
from workers.review.web.clauses import chosen_clause, clauses
from workers.review.web.console import Console
from workers.review.web.known_content import bank_words, known_content
from workers.review.web.marking import text_parts
from workers.review.web.media import ShownMedia
from workers.review.web.pages import reader, render
from workers.review.web.permissions import sees_personal_data, shown_to
from workers.review.web.security import (
    MEDIA_POLICY,
    GuardedForm,
    Login,
    SignedIn,
    TheConsole,
    text_field,
)
from workers.review.web.words import duration

LONGEST_NOTE: Final = 1_000
CHOICES: Final = {action.value: action for action in (Action.ALLOW, Action.LIMIT, Action.REMOVE)}
"""What a person can decide: ``review`` is what the machine says when it wants one."""

HEARTBEATS_PER_LEASE: Final = 4
"""Three lost heartbeats in a row do not lose the item."""

router = APIRouter(prefix="/items/{verdict_id}")


@router.get("")
async def item_page(
    request: Request, verdict_id: UUID, login: SignedIn, console: TheConsole
) -> Response:
    """Everything about one item. Without a claim it can be looked at, not decided."""
    viewed = await console.parts.queue.view(
        verdict_id, login.account, personal_data=sees_personal_data(login)
    )
    if viewed.content is None:
        return _erased_page(request, console, login, viewed)
    return await _page(request, console, login, viewed, viewed.content)


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
        lost = str(error)
    context = {
        "verdict_id": verdict_id,
        "number": number,
        "seconds": seconds,
        "lost": lost,
        "every": _heartbeat_seconds(console),
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
    """Decide, and go back to the queue."""
    escalation = await console.parts.queue.content(verdict_id)
    action = _action(form)
    named = text_field(form, "clause", longest=64)
    choice = Choice(
        action=action,
        categories=_categories(form, escalation),
        note=text_field(form, "note", longest=LONGEST_NOTE).strip() or None,
        unseen=await console.shelf.unseen(escalation.post),
        bank_words=bank_words(form, escalation.verdict),
        clause=await chosen_clause(console, verdict_id, escalation.verdict, named, action),
    )
    decision = await console.parts.decisions.decide(
        verdict_id, login.account, _claim_number(form), choice
    )
    console.metrics.decisions.labels(decision.action).inc()
    console.decided()
    return RedirectResponse(f"/?decided={decision.action}&item={verdict_id}", status_code=303)


@router.post("/undo")
async def undo(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Take the decision back, and the item in hand again."""
    del form
    await console.parts.undoing.undo(verdict_id, login.account)
    console.metrics.undone.inc()
    return RedirectResponse(f"/items/{verdict_id}", status_code=303)


@router.post("/golden")
async def make_golden(
    verdict_id: UUID, login: SignedIn, form: GuardedForm, console: TheConsole
) -> Response:
    """Give the decided item to other reviewers, to see whether they agree."""
    del form
    await console.parts.golden.add(verdict_id, login.account)
    return RedirectResponse("/quality", status_code=303)


@router.get("/media/{modality}/{index}")
async def media(
    verdict_id: UUID,
    modality: Modality,
    index: Annotated[int, Path(ge=0, le=64)],
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """The bytes of one picture or sound, as a type that a browser shows and does not run."""
    del login
    medium = await _medium(console, verdict_id, modality, index)
    return _served(await console.shelf.open(modality, medium))


@router.get("/sounds/{index}/picture")
async def picture_of_sound(
    verdict_id: UUID,
    index: Annotated[int, Path(ge=0, le=64)],
    login: SignedIn,
    console: TheConsole,
) -> Response:
    """Waveform and spectrogram of a sound, to look at before it is heard."""
    del login
    sound = await _medium(console, verdict_id, Modality.AUDIO, index)
    return _served(await console.shelf.picture(sound))


async def _medium(console: Console, verdict_id: UUID, modality: Modality, index: int) -> Media:
    post = (await console.parts.queue.content(verdict_id)).post
    held: dict[Modality, tuple[Media, ...]] = {
        Modality.IMAGE: post.images,
        Modality.AUDIO: post.audio,
    }
    of_kind = held.get(modality, ())
    if index >= len(of_kind):
        raise MediaUnavailableError(f"The post has no {modality} number {index + 1}.")
    return of_kind[index]


def _served(shown: ShownMedia) -> Response:
    return Response(
        shown.content,
        media_type=shown.content_type,
        headers={"Content-Security-Policy": MEDIA_POLICY, "Content-Disposition": "inline"},
    )


def _erased_page(request: Request, console: Console, login: Login, viewed: Viewed) -> Response:
    context = {
        "item": viewed.item,
        "decision": viewed.decision,
        "row": views.queue_row(viewed.item, login.account, console.clock(), reader(request)),
    }
    return render(request, "erased.html", context, login=login)


async def _page(
    request: Request, console: Console, login: Login, viewed: Viewed, escalation: Escalation
) -> Response:
    item, t = viewed.item, reader(request)
    now = console.clock()
    blind = item.kind in BLIND
    verdict = escalation.verdict
    text = escalation.post.text or ""
    shown = shown_to(login)
    unseen = await console.shelf.unseen(escalation.post)
    problems = {(piece.modality, piece.index): piece.detail or "" for piece in unseen}
    open_ = item.state == ItemState.OPEN
    held = open_ and item.lease_until is not None and item.lease_until > now
    mine = held and item.claimed_by == login.account.account_id
    context = {
        "item": item,
        "post": escalation.post,
        "text": shown(text),
        "parts": text_parts(shown(text), () if blind or shown(text) != text else verdict.reasons),
        "masked": shown(text) != text,
        "blind": blind,
        "earlier": viewed.earlier,
        "plea": shown(viewed.appeal.statement)
        if viewed.appeal and viewed.appeal.statement
        else None,
        "machine": None if blind else views.machine_words(verdict, t),
        "bars": [] if blind else views.bars(verdict, t),
        "trace": [] if blind else views.trace(verdict, shown, t),
        "mismatches": [] if blind else mismatches(verdict, t),
        "author": [] if blind else author_figures(verdict, now, t),
        "unscanned": [] if blind else views.unscanned(verdict, t),
        "versions": [] if blind else views.versions(verdict, item, t),
        "choices": views.category_choices(verdict, t),
        "clauses": clauses(item.kind, verdict),
        "known": [] if blind else known_content(verdict),
        "images": views.pieces(item, escalation.post, Modality.IMAGE, problems),
        "sounds": views.pieces(item, escalation.post, Modality.AUDIO, problems),
        "row": views.queue_row(item, login.account, now, t),
        "due": views.due_words(item.due_at, now, t)
        if item.due_at < now
        else t("in {span}", span=duration(item.due_at - now, t)),
        "mine": mine,
        "held": held,
        "open": open_,
        "verdict_id": item.verdict_id,
        "number": item.claim_number,
        "seconds": views.lease_seconds(item.lease_until, now) if item.lease_until else 0,
        "lost": None,
        "every": _heartbeat_seconds(console),
        "longest_note": LONGEST_NOTE,
    }
    return render(request, "item.html", context, login=login)


def _heartbeat_seconds(console: Console) -> int:
    return max(1, int(console.parts.queue.lease.total_seconds() / HEARTBEATS_PER_LEASE))


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

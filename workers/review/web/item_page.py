"""The item page: what was posted, why it is here, and what can be decided."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from schemas import Escalation, Modality, NotScanned
from workers.review.store import BLIND, Item, ItemState, Viewed
from workers.review.web import views
from workers.review.web.circumstances import author_figures, mismatches
from workers.review.web.clauses import clauses
from workers.review.web.console import Console
from workers.review.web.known_content import known_content
from workers.review.web.languages import Translate
from workers.review.web.marking import text_parts
from workers.review.web.mates import shown_mates
from workers.review.web.pages import reader, render
from workers.review.web.permissions import sees_personal_data, shown_to
from workers.review.web.refusals import refusals
from workers.review.web.security import Login, SignedIn, TheConsole
from workers.review.web.turn import ShownTurn, Turn
from workers.review.web.words import duration

LONGEST_NOTE: Final = 1_000
"""Characters of a reviewer's note."""

HEARTBEATS_PER_LEASE: Final = 4
"""Three lost heartbeats in a row do not lose the item."""

router = APIRouter(prefix="/items/{verdict_id}")


@router.get("")
async def item_page(
    request: Request, verdict_id: UUID, login: SignedIn, console: TheConsole, turn: ShownTurn
) -> Response:
    """Everything about one item. Without a claim it can be looked at, not decided."""
    viewed = await console.parts.queue.view(
        verdict_id, login.account, personal_data=sees_personal_data(login)
    )
    if viewed.content is None:
        return _erased_page(request, console, login, viewed)
    t, now = reader(request), console.clock()
    unseen = await console.shelf.unseen(viewed.content.post)
    context = (
        _post(viewed, viewed.content, login, unseen, refusals(request))
        | _why(viewed, viewed.content, login, now, t)
        | _standing(viewed, viewed.content, login, console, t)
        | _turn(turn, console)
    )
    return render(request, "item.html", context, login=login)


def heartbeat_seconds(console: Console) -> int:
    """Between two heartbeats of a page."""
    return max(1, int(console.parts.queue.lease.total_seconds() / HEARTBEATS_PER_LEASE))


def _erased_page(request: Request, console: Console, login: Login, viewed: Viewed) -> Response:
    context = {
        "item": viewed.item,
        "decision": viewed.decision,
        "row": views.queue_row(viewed.item, login.account, console.clock(), reader(request)),
    }
    return render(request, "erased.html", context, login=login)


def _post(
    viewed: Viewed,
    escalation: Escalation,
    login: Login,
    unseen: tuple[NotScanned, ...],
    say: Callable[[str], str],
) -> dict[str, Any]:
    """What was posted."""
    item, post, shown = viewed.item, escalation.post, shown_to(login)
    text = post.text or ""
    read = shown(text)
    reasons = () if item.kind in BLIND else escalation.verdict.reasons
    problems = {(piece.modality, piece.index): say(piece.detail or "") for piece in unseen}
    plea = viewed.appeal.statement if viewed.appeal else None
    return {
        "item": item,
        "post": post,
        "text": read,
        "parts": text_parts(read, reasons, masked=read != text),
        "masked": read != text,
        "images": views.pieces(item, post, Modality.IMAGE, problems),
        "sounds": views.pieces(item, post, Modality.AUDIO, problems),
        "plea": shown(plea) if plea else None,
        "mates": shown_mates(viewed.mates, shown),
    }


def _why(
    viewed: Viewed, escalation: Escalation, login: Login, now: datetime, t: Translate
) -> dict[str, Any]:
    """Why it is here: nothing for whoever is to judge blind."""
    item, verdict = viewed.item, escalation.verdict
    if item.kind in BLIND:
        lists = ("earlier", "bars", "trace", "mismatches", "author", "unscanned", "versions")
        return {"blind": True, "machine": None, "known": [], **{name: [] for name in lists}}
    return {
        "blind": False,
        "machine": views.machine_words(verdict, t),
        "earlier": viewed.earlier,
        "bars": views.bars(verdict, t),
        "trace": views.trace(verdict, shown_to(login), t),
        "mismatches": mismatches(verdict, t),
        "author": author_figures(verdict, now, t),
        "unscanned": views.unscanned(verdict, t),
        "versions": views.versions(verdict, item, t),
        "known": known_content(verdict, t),
    }


def _standing(
    viewed: Viewed, escalation: Escalation, login: Login, console: Console, t: Translate
) -> dict[str, Any]:
    """Who holds it, and what a decision can say."""
    item, verdict, now = viewed.item, escalation.verdict, console.clock()
    is_open = item.state == ItemState.OPEN
    held = is_open and item.lease_until is not None and item.lease_until > now
    own = held and item.claimed_by == login.account.account_id
    return {
        "open": is_open,
        "mine": own and item.claimed_at is not None,
        "held": held and not own,
        "row": views.queue_row(item, login.account, now, t),
        "due": _due(item, now, t),
        "choices": views.category_choices(verdict, t),
        "clauses": clauses(item.kind, verdict),
        "verdict_id": item.verdict_id,
        "number": item.claim_number,
        "seconds": views.lease_seconds(item.lease_until, now) if item.lease_until else 0,
        "lost": None,
        "every": heartbeat_seconds(console),
        "longest_note": LONGEST_NOTE,
    }


def _turn(turn: Turn, console: Console) -> dict[str, Any]:
    """What was decided before, and what comes next."""
    return {
        "turn": turn,
        "shown": turn,
        "undo_seconds": int(console.parts.undoing.within.total_seconds()),
    }


def _due(item: Item, now: datetime, t: Translate) -> str:
    if item.due_at < now:
        return views.due_words(item.due_at, now, t)
    return t("in {span}", span=duration(item.due_at - now, t))

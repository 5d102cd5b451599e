"""What people decided before on the same content, or about the same author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.store.tables import BLIND, Decision, Item, ItemKind

MOST_SHOWN: Final = 5
"""What came before informs a decision; it is not to take its place."""

SETTLING: Final = frozenset({ItemKind.SENIOR, ItemKind.APPEAL})
"""Who decides these needs to see what others decided on the very item."""

TOLD: Final = (ItemKind.FIRST, ItemKind.SENIOR, ItemKind.APPEAL)


@dataclass(frozen=True, slots=True)
class EarlierDecision:
    """A decision, without who took it."""

    about: str
    """``item``, ``content`` or ``author``: what it has in common with the item."""
    kind: str
    action: str
    categories: Sequence[str]
    note: str | None
    """Only of decisions on the very item."""
    decided_at: datetime


async def earlier_decisions(session: AsyncSession, item: Item) -> list[EarlierDecision]:
    """The newest decisions that whoever decides the item may know of; none where it is blind."""
    kind = ItemKind(item.kind)
    if kind in BLIND:
        return []
    found = await _on_item(session, item) if kind in SETTLING else []
    # A golden post's content may be known from elsewhere, and then so would its answer.
    same_content = kind is not ItemKind.GOLDEN and item.content_hash is not None
    alike = Item.author_id == item.author_id
    if same_content:
        alike = or_(alike, Item.content_hash == item.content_hash)
    rows = await session.execute(
        select(Item.content_hash, Item.kind, Decision)
        .join(Decision, Decision.verdict_id == Item.verdict_id)
        .where(alike, Item.subject != item.subject, Item.kind.in_(TOLD))
        .order_by(Decision.decided_at.desc())
        .limit(MOST_SHOWN)
    )
    for content_hash, of_kind, decision in rows:
        same = same_content and content_hash == item.content_hash
        if kind is ItemKind.GOLDEN and content_hash == item.content_hash:
            continue
        found.append(_earlier("content" if same else "author", of_kind, decision, note=None))
    return found


async def _on_item(session: AsyncSession, item: Item) -> list[EarlierDecision]:
    rows = await session.execute(
        select(Item.kind, Decision)
        .join(Decision, Decision.verdict_id == Item.verdict_id)
        .where(
            Item.subject == item.subject,
            Item.verdict_id != item.verdict_id,
            Item.kind.in_((*TOLD, ItemKind.SECOND)),
        )
        .order_by(Decision.decided_at)
    )
    return [_earlier("item", kind, decision, note=decision.note) for kind, decision in rows]


def _earlier(about: str, kind: str, decision: Decision, note: str | None) -> EarlierDecision:
    return EarlierDecision(
        about, kind, decision.action, decision.categories, note, decision.decided_at
    )

"""Items about other items: a second opinion, a senior's word, a planted golden post, an appeal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from workers.review.store.tables import Item, ItemKind, ItemState


def derived_item(
    original: Item,
    *,
    verdict_id: UUID,
    kind: ItemKind,
    rank: float,
    priority: float,
    queue: str,
    escalated_at: datetime,
    due_at: datetime,
) -> Item:
    """An open item about the original's content. It expires with the original."""
    return Item(
        verdict_id=verdict_id,
        kind=kind,
        subject=original.subject,
        cluster=verdict_id,
        post_id=original.post_id,
        revision=original.revision,
        author_id=original.author_id,
        queue=queue,
        category=original.category,
        score=original.score,
        machine_action=original.machine_action,
        degraded=original.degraded,
        has_text=original.has_text,
        images=original.images,
        sounds=original.sounds,
        reach=original.reach,
        language=original.language,
        surface=original.surface,
        priority=priority,
        rank=rank,
        severity=original.severity,
        escalated_at=escalated_at,
        due_at=due_at,
        content_hash=original.content_hash,
        state=ItemState.OPEN,
        claim_number=0,
        received_at=original.received_at,
    )

"""What was posted: read while it is kept, erased for good when it may be kept no longer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation
from workers.review.errors import ContentErasedError
from workers.review.store.access_tables import Delivery, DeliveryState
from workers.review.store.appeal_table import AppealRow, AppealState
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.clusters import forget_clusters
from workers.review.store.tables import Content, Decision, Item, OutboxRow


class ErasedBecause(StrEnum):
    """Why content is gone."""

    WITHDRAWN = "withdrawn"  # the author took the post back
    EXPIRED = "expired"  # it was kept for as long as the setting says
    AUTHOR = "author"  # everything of its author was erased


async def kept_content(session: AsyncSession, item: Item) -> Escalation | None:
    """What was escalated; None once it was erased."""
    content = await session.get(Content, item.verdict_id)
    if content is None and item.subject != item.verdict_id:
        content = await session.get(Content, item.subject)
    return None if content is None else Escalation.from_bytes(content.escalation.encode())


async def load_content(session: AsyncSession, item: Item) -> Escalation:
    """What was escalated.

    Raises:
        ContentErasedError: it is no longer kept.
    """
    content = await kept_content(session, item)
    if content is None:
        raise ContentErasedError(
            "The content of this item has been erased. What was decided on it stays; take the "
            "next one from the queue."
        )
    return content


async def erase(
    session: AsyncSession,
    audit: AuditTrail,
    items: Sequence[Item],
    because: ErasedBecause,
    now: datetime,
) -> int:
    """Erase the content of the items, and what colleagues wrote about it.

    Hash, decision and figures stay, and so do outbox records that Kafka has yet to get:
    :func:`drop_sent_records` erases them once they are sent. Returns how many items there were.
    """
    identifiers = [item.verdict_id for item in items]
    for item in items:
        item.erased_at, item.erased_because = now, because
        audit.add(
            session, AuditEvent.ERASE, verdict_id=item.verdict_id, detail={"because": because}
        )
    await session.flush()
    await session.execute(delete(Content).where(Content.verdict_id.in_(identifiers)))
    await forget_clusters(session, identifiers)
    await session.execute(
        update(Decision).where(Decision.verdict_id.in_(identifiers)).values(note=None)
    )
    of_items = AppealRow.item_id.in_(identifiers)
    await session.execute(update(AppealRow).where(of_items).values(statement=None))
    await session.execute(
        update(AppealRow)
        .where(of_items, AppealRow.state == AppealState.OPEN)
        .values(state=AppealState.ENDED, decided_at=now)
    )
    return len(items)


async def drop_sent_records(session: AsyncSession) -> None:
    """Delete what names post and author of erased items, once Kafka or the webhook has it."""
    erased = (
        select(Decision.decision_id)
        .join(Item, Item.verdict_id == Decision.verdict_id)
        .where(Item.erased_at.is_not(None))
    )
    await session.execute(
        delete(OutboxRow).where(OutboxRow.sent_at.is_not(None), OutboxRow.decision_id.in_(erased))
    )
    await session.execute(
        delete(Delivery).where(Delivery.state != DeliveryState.PENDING, Delivery.about.in_(erased))
    )

"""Who may see what an item holds, and what the trail keeps of its pictures and sounds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Media, Modality, Post
from workers.review.errors import MediaUnavailableError
from workers.review.store.audit import AuditEvent
from workers.review.store.audit_table import AuditRow
from workers.review.store.items import require_unbiased
from workers.review.store.tables import Account, Item, ItemState
from workers.review.store.wellness import Wellness


async def require_fit_to_see(
    session: AsyncSession, item: Item, account: Account, wellness: Wellness, now: datetime
) -> None:
    """Check whether the account may see the item; what is in hand stays in sight.

    Raises:
        BarredError: the account is judging the same post blind.
        ConsentError: the item is of the restricted lane.
    """
    await require_unbiased(session, item, account, now)
    claimed = item.state == ItemState.OPEN and item.claimed_at is not None
    if not (claimed and item.claimed_by == account.account_id):
        await wellness.require_consent(session, account, item)


def medium_of(post: Post, modality: Modality, index: int) -> Media:
    """One picture or sound.

    Raises:
        MediaUnavailableError: the post has none of that number.
    """
    held: dict[Modality, tuple[Media, ...]] = {
        Modality.IMAGE: post.images,
        Modality.AUDIO: post.audio,
    }
    of_kind = held.get(modality, ())
    if index >= len(of_kind):
        raise MediaUnavailableError(f"The post has no {modality} number {index + 1}.")
    return of_kind[index]


async def is_noted(
    session: AsyncSession, account: Account, verdict_id: UUID, detail: Mapping[str, str]
) -> bool:
    """Whether the trail has this view of a medium."""
    noted = await session.scalars(
        select(AuditRow.detail).where(
            AuditRow.verdict_id == verdict_id,
            AuditRow.event == AuditEvent.VIEW_MEDIUM,
            AuditRow.actor == account.pseudonym,
        )
    )
    return detail in noted.all()

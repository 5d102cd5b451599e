"""How the queue stands: figures for the page above it and for metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.store.tables import Item, ItemState

CLAIMED: Final = "claimed"


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How the queue stands at a moment."""

    by_state: Mapping[str, int]
    """Items by state; open items with a live lease count as ``claimed``, not as ``open``."""
    by_queue: Mapping[str, int]
    """Undecided items by queue."""
    languages: Sequence[str]
    """Of undecided items."""
    overdue: int
    oldest_escalated_at: datetime | None


async def count_queue(session: AsyncSession, now: datetime) -> QueueCounts:
    """How many items there are in each state and queue, how many are late, the oldest."""
    undecided = Item.state == ItemState.OPEN
    states = await session.execute(select(Item.state, func.count()).group_by(Item.state))
    queues = await session.execute(
        select(Item.queue, func.count()).where(undecided).group_by(Item.queue)
    )
    languages = await session.scalars(
        select(Item.language).where(undecided, Item.language.is_not(None)).distinct()
    )
    held = await session.scalar(select(func.count()).where(undecided, Item.lease_until > now))
    overdue = await session.scalar(select(func.count()).where(undecided, Item.due_at < now))
    oldest = await session.scalar(select(func.min(Item.escalated_at)).where(undecided))
    by_state = dict.fromkeys([*ItemState, CLAIMED], 0) | {
        str(state): total for state, total in states
    }
    by_state[CLAIMED] = held or 0
    by_state[ItemState.OPEN] -= by_state[CLAIMED]
    return QueueCounts(
        by_state={str(state): total for state, total in by_state.items()},
        by_queue=dict(sorted((queue, total) for queue, total in queues)),
        languages=sorted(filter(None, languages)),
        overdue=overdue or 0,
        oldest_escalated_at=oldest,
    )

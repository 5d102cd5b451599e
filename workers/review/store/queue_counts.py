"""How the queue stands: figures for the page above it and for metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.store.item_rule_table import ItemRule
from workers.review.store.tables import BLIND, Item, ItemState

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


async def count_queue(session: AsyncSession, now: datetime, *, closed: bool) -> QueueCounts:
    """Count undecided items in one pass, and with ``closed`` the others by state.

    The others are all that there ever were: a page that refreshes itself leaves them out.
    """
    undecided = Item.state == ItemState.OPEN
    passes = await session.execute(
        select(
            Item.queue,
            Item.language,
            func.count(),
            func.count().filter(Item.lease_until > now, Item.claimed_at.is_not(None)),
            func.count().filter(Item.due_at < now),
            func.min(Item.escalated_at),
        )
        .where(undecided)
        .group_by(Item.queue, Item.language)
    )
    by_state = dict.fromkeys([*map(str, ItemState), CLAIMED], 0)
    by_queue: Counter[str] = Counter()
    languages: set[str] = set()
    overdue = 0
    oldest: datetime | None = None
    for queue, language, total, held, late, first in passes:
        by_queue[queue] += total
        by_state[CLAIMED] += held
        by_state[ItemState.OPEN] += total - held
        overdue += late
        oldest = first if oldest is None else min(oldest, first)
        if language:
            languages.add(language)
    if closed:
        states = await session.execute(
            select(Item.state, func.count()).where(~undecided).group_by(Item.state)
        )
        by_state |= {str(state): total for state, total in states}
    return QueueCounts(
        by_state=by_state,
        by_queue=dict(sorted(by_queue.items())),
        languages=sorted(languages),
        overdue=overdue,
        oldest_escalated_at=oldest,
    )


async def waiting_rules(session: AsyncSession) -> Sequence[str]:
    """The rules by which undecided items can be looked for, by name.

    Each name is found by a step through the index from the one before, and is looked up until the
    first item that waits: to read the rules of every item would take as long as there are items.
    """
    names = select(func.min(ItemRule.rule).label("rule")).cte("names", recursive=True)
    following = (
        select(func.min(ItemRule.rule)).where(ItemRule.rule > names.c.rule).scalar_subquery()
    )
    names = names.union_all(select(following).where(names.c.rule.is_not(None)))
    waits = (
        select(ItemRule.subject)
        .join(Item, Item.subject == ItemRule.subject)
        .where(ItemRule.rule == names.c.rule, Item.state == ItemState.OPEN, Item.kind.not_in(BLIND))
        .exists()
    )
    waiting = select(names.c.rule).where(names.c.rule.is_not(None), waits).order_by(names.c.rule)
    return (await session.scalars(waiting)).all()

"""What follows from a decision, by the kind of item that it was taken on.

A plain escalation's decision holds at once; of a part of them a second reviewer then gives a blind
opinion. If the two differ, a senior settles it, and the senior's word replaces the first decision
where it is another. An appeal's answer replaces whatever held. On golden posts nothing follows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Action, ReviewDecision, Verdict
from workers.review.store.appeals import settle
from workers.review.store.derived import derived_item
from workers.review.store.human_verdict import Choice, human_verdict, human_verdict_id
from workers.review.store.priority import rank
from workers.review.store.tables import Decision, Item, ItemKind

FOLLOW_UP_NAMESPACE: Final = UUID("c4a1de0a-4a39-5a7e-9b8f-58f1a6a0f5d3")
"""A follow-up's name follows from the decision that made it."""

SECOND_OPINION_WITHIN: Final = timedelta(days=2)
"""Late enough not to press, soon enough that a wrong decision does not stand for long."""

RESTRICTIONS: Final = frozenset({Action.LIMIT, Action.REMOVE})


@dataclass(frozen=True, slots=True)
class Message:
    """What Kafka is to be told: the decision, and the verdict unless what held is confirmed."""

    decision: ReviewDecision
    verdict: Verdict | None


def follow_up_id(decision: UUID) -> UUID:
    """The id of the item that a decision can bring about."""
    return uuid5(FOLLOW_UP_NAMESPACE, str(decision))


def differ(one: Decision, other: ReviewDecision) -> bool:
    """Whether two reviewers disagree: on the action, or on everything that a restriction is for."""
    if one.action != other.action:
        return True
    return other.action in RESTRICTIONS and set(one.categories).isdisjoint(other.categories)


class Consequences:
    """Draws them.

    Args:
        second_opinion: whether the decision on an item gets a blind second opinion. It must say
            the same of an item whenever it is asked.
    """

    def __init__(self, second_opinion: Callable[[UUID], bool]) -> None:
        self._second_opinion = second_opinion

    async def of(
        self,
        session: AsyncSession,
        item: Item,
        judged: Verdict,
        decision: ReviewDecision,
        choice: Choice,
    ) -> Message | None:
        """Add the items that follow; returns what Kafka is to be told, if anything."""
        kind = ItemKind(item.kind)
        if kind is ItemKind.FIRST:
            if self._second_opinion(item.verdict_id):
                session.add(_follow_up(item, decision, ItemKind.SECOND))
            return Message(decision, human_verdict(judged, decision, choice))
        if kind is ItemKind.GOLDEN:
            return None
        held = await decision_in_force(session, item)
        if kind is ItemKind.APPEAL:
            return await _answer(session, item, held, judged, decision, choice=choice)
        if held is None or not differ(held, decision):
            return None  # a senior who agrees with the first says nothing new
        if kind is ItemKind.SECOND:
            session.add(_follow_up(item, decision, ItemKind.SENIOR))
            return None
        replaced = human_verdict_id(item.post_id, item.revision, held.decision_id)
        decision = decision.model_copy(update={"reverses": replaced})
        return Message(decision, human_verdict(judged, decision, choice))


async def _answer(
    session: AsyncSession,
    item: Item,
    held: Decision | None,
    contested: Verdict,
    decision: ReviewDecision,
    *,
    choice: Choice,
) -> Message:
    """An appeal is always answered; where it succeeds, the contested verdict is put right."""
    confined = contested.age_gate is not None or bool(contested.geo_limit)
    stays = (
        decision.action is contested.action if held is None else not differ(held, decision)
    ) and not (confined and decision.action is Action.ALLOW)
    if not stays:
        decision = decision.model_copy(update={"reverses": contested.verdict_id})
    await settle(
        session,
        item,
        decision_id=decision.decision_id,
        decided_at=decision.decided_at,
        changed=not stays,
    )
    return Message(decision, None if stays else human_verdict(contested, decision, choice))


async def decision_in_force(session: AsyncSession, item: Item) -> Decision | None:
    """The newest decision on the item's subject that Kafka was told of, the item's own aside."""
    found: Decision | None = await session.scalar(
        select(Decision)
        .join(Item, Item.verdict_id == Decision.verdict_id)
        .where(
            Item.subject == item.subject,
            Item.kind.in_((ItemKind.FIRST, ItemKind.SENIOR, ItemKind.APPEAL)),
            Item.verdict_id != item.verdict_id,
        )
        .order_by(Decision.decided_at.desc())
        .limit(1)
    )
    return found


def _follow_up(item: Item, decision: ReviewDecision, kind: ItemKind) -> Item:
    at: datetime = decision.decided_at
    return derived_item(
        item,
        verdict_id=follow_up_id(decision.decision_id),
        kind=kind,
        rank=rank(item.priority, at),
        priority=item.priority,
        queue=item.queue,
        escalated_at=at,
        due_at=at + SECOND_OPINION_WITHIN,
    )

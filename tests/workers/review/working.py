"""What reviewers do in a test, in one call each."""

from __future__ import annotations

from uuid import UUID

from schemas import Action, Escalation, ReviewDecision
from tests.workers.review.conftest import PASSWORD, Store
from workers.review.store import Account, Choice, Item, ItemKind, Role

REMOVE = Choice(Action.REMOVE, ("toxicity",))
LIMIT = Choice(Action.LIMIT, ("toxicity",))
ALLOW = Choice(Action.ALLOW)


async def senior(store: Store, name: str = "sue") -> Account:
    return await store.accounts.add(name, PASSWORD, Role.SENIOR)


async def decide(store: Store, item: UUID, by: Account, choice: Choice) -> ReviewDecision:
    """Claim the item and decide it."""
    claim = await store.queue.claim(item, by)
    return await store.decisions.decide(item, by, claim.number, choice)


async def escalate_and_decide(
    store: Store, escalated: Escalation, by: Account, choice: Choice
) -> ReviewDecision:
    await store.intake.record([escalated])
    return await decide(store, escalated.verdict.verdict_id, by, choice)


async def open_of_kind(store: Store, kind: ItemKind) -> list[Item]:
    return [item for item in await store.queue.open_items() if item.kind == kind]


async def told(store: Store) -> list[str]:
    """The topics of what Kafka is to get."""
    return [row.topic for row in await store.outbox.unsent(100)]

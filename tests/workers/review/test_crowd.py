"""Fifty reviewers at once on PostgreSQL: every item is decided, and none twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from random import Random

import pytest
from sqlalchemy import select

from schemas import Action, Post, ReviewDecision
from tests.workers.review.conftest import (
    LEASE,
    PASSWORD,
    MovableClock,
    Store,
    store_on,
)
from tests.workers.review.samples import escalation, post, unlike
from workers.review.errors import ItemClosedError, StaleClaimError, TooLateError
from workers.review.store import Account, Alike, Choice, Database, Item, ItemKind, ItemState, Role
from workers.review.store.tables import Decision

REVIEWERS = 50
SENIORS = 10
REPLICAS = 5
ITEMS = 120
CHOICES = (Choice(Action.ALLOW), Choice(Action.REMOVE, ("toxicity",)))
MOST_ROUNDS = 40


@pytest.fixture
async def replicas(postgresql_url: str, clock: MovableClock) -> AsyncIterator[list[Store]]:
    """Consoles on one database, each with connections of its own."""
    databases = [Database.from_url(postgresql_url) for _ in range(REPLICAS)]
    yield [store_on(database, clock) for database in databases]
    for database in databases:
        await database.close()


def copied(number: int) -> Post:
    """Every second post says what five others say."""
    name = f"p-{number}"
    return post(name) if number % 2 else post(name, text=unlike(f"wave-{number // 12}"))


async def hire(store: Store) -> list[Account]:
    return [
        await store.accounts.add(
            f"reviewer-{number}", PASSWORD, Role.SENIOR if number < SENIORS else Role.REVIEWER
        )
        for number in range(REVIEWERS)
    ]


async def work(store: Store, me: Account, luck: Random) -> None:
    """Take items until none is left for me; now and then put one back, or walk away from it."""
    while (claim := await store.queue.claim_next(me)) is not None:
        fate = luck.random()
        if fate < 0.1:
            return  # the lease runs out by itself
        try:
            if fate < 0.2:
                await store.queue.release(claim.verdict_id, me, claim.number)
                return
            choice = luck.choice(CHOICES)
            viewed = await store.queue.view(claim.verdict_id, me)
            mates = [mate.item.verdict_id for mate in viewed.mates]
            apart = frozenset(mate for mate in mates if luck.random() < 0.2)
            alike = Alike(decided=dict.fromkeys(set(mates) - apart, ()), apart=apart)
            await store.decisions.decide(claim.verdict_id, me, claim.number, choice, alike)
            if luck.random() < 0.1:
                await store.undoing.undo(claim.verdict_id, me)
                return
            if fate > 0.95:  # the browser sends it again
                await store.decisions.decide(claim.verdict_id, me, claim.number, choice)
        except (StaleClaimError, ItemClosedError, TooLateError):
            continue


async def test_no_item_is_decided_twice_and_none_is_stranded(
    replicas: list[Store], clock: MovableClock
) -> None:
    first = replicas[0]
    reviewers = await hire(first)
    await first.intake.record([escalation(copied(number)) for number in range(ITEMS)])
    for number, store in enumerate(replicas):
        store.chance.second_opinion = number % 2 == 0

    for turn in range(MOST_ROUNDS):
        await asyncio.gather(
            *(
                work(replicas[number % REPLICAS], me, Random(f"{turn}-{number}"))
                for number, me in enumerate(reviewers)
            )
        )
        if not await first.queue.open_items(limit=1):
            break
        clock.advance(LEASE)

    async with first.database.reading() as session:
        items = list(await session.scalars(select(Item)))
        decisions = (await session.scalars(select(Decision))).all()
    asked_no_more = [item for item in items if item.state == ItemState.SUPERSEDED]
    assert {item.kind for item in asked_no_more} <= {ItemKind.SECOND, ItemKind.SENIOR}, "undone"
    items = [item for item in items if item not in asked_no_more]
    assert {item.state for item in items} == {ItemState.DECIDED}
    assert sum(item.kind == ItemKind.FIRST for item in items) == ITEMS
    assert sum(item.kind == ItemKind.SECOND for item in items) > 0
    assert sum(item.kind == ItemKind.SENIOR for item in items) > 0
    assert len(decisions) == len(items)
    subject_of = {item.verdict_id: item.subject for item in items}
    twice = Counter((subject_of[each.verdict_id], each.account_id) for each in decisions)
    assert max(twice.values()) == 1, "somebody judged the same post twice"

    rows = await first.outbox.unsent(10 * ITEMS)
    told = [ReviewDecision.from_bytes(row.value) for row in rows if "decisions" in row.topic]
    assert len({decision.decision_id for decision in told}) == len(told)
    reviews = Counter(decision.verdict_id for decision in told if decision.origin == "review")
    assert set(reviews.values()) == {1}
    assert len(reviews) == ITEMS

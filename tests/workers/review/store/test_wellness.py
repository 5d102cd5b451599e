"""Enough is enough: caps, breaks, and a lane for those who agreed to it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas import Escalation
from tests.workers.review.conftest import WELLNESS, Store
from tests.workers.review.samples import escalation, post
from workers.review.errors import ConsentError, RestError
from workers.review.store import Account


def of_category(name: str, category: str, priority: float = 1.0) -> Escalation:
    return escalation(post(name), scores={category: 0.9}, reasons=(), priority=priority)


def limited(store: Store, **limits: Any) -> None:
    store.wellness.limits = replace(WELLNESS, **limits)


async def fill(store: Store, *escalations: Escalation) -> None:
    await store.intake.record(escalations)


async def test_what_is_taken_is_counted_by_day(store: Store, ada: Account) -> None:
    await fill(store, of_category("a", "violence"), of_category("b", "spam"))
    for _ in range(2):
        await store.queue.claim_next(ada)
    standing = await store.wellness.of(ada)
    assert (standing.items, standing.grave) == (2, 1)
    store.clock.advance(timedelta(days=1))
    assert (await store.wellness.of(ada)).items == 0


async def test_holding_on_to_an_item_counts_once(store: Store, ada: Account) -> None:
    item = of_category("a", "spam")
    await fill(store, item)
    for _ in range(3):
        await store.queue.claim(item.verdict.verdict_id, ada)
    assert (await store.wellness.of(ada)).items == 1


async def test_what_is_taken_in_two_tabs_at_once_is_counted_twice(
    store: Store, ada: Account
) -> None:
    await fill(store, *(of_category(f"p-{n}", "spam") for n in range(8)))
    await asyncio.gather(*(store.queue.claim_next(ada) for _ in range(8)))
    assert (await store.wellness.of(ada)).items == 8


async def test_a_full_day_is_over(store: Store, ada: Account, ben: Account) -> None:
    limited(store, items_a_day=1)
    items = [of_category("a", "spam"), of_category("b", "spam")]
    await fill(store, *items)
    claim = await store.queue.claim_next(ada)
    assert claim
    with pytest.raises(RestError, match="enough for a day"):
        await store.queue.claim_next(ada)
    other = next(each for each in items if each.verdict.verdict_id != claim.verdict_id)
    with pytest.raises(RestError):
        await store.queue.claim(other.verdict.verdict_id, ada)
    await store.queue.claim(claim.verdict_id, ada)  # what is in hand stays there
    assert await store.queue.claim_next(ben)


async def test_after_enough_grave_items_only_others_come(store: Store, ada: Account) -> None:
    limited(store, grave_a_day=1)
    grave = [of_category(f"g-{n}", "violence", priority=9) for n in range(2)]
    mild = of_category("mild", "spam")
    await fill(store, *grave, mild)
    first, second = await store.queue.claim_next(ada), await store.queue.claim_next(ada)
    assert first
    assert second
    assert second.verdict_id == mild.verdict.verdict_id
    left = next(each for each in grave if each.verdict.verdict_id != first.verdict_id)
    with pytest.raises(RestError, match="grave"):
        await store.queue.claim(left.verdict.verdict_id, ada)


async def test_a_break_is_due_after_a_long_while_and_resting_ends_it(
    store: Store, ada: Account
) -> None:
    limited(store, break_after=timedelta(minutes=30))
    await fill(store, *(of_category(f"p-{n}", "spam") for n in range(6)))
    for _ in range(4):
        assert await store.queue.claim_next(ada)
        store.clock.advance(timedelta(minutes=8))
    with pytest.raises(RestError, match="Rest for 2 min"):
        await store.queue.claim_next(ada)
    assert (await store.wellness.of(ada)).rest_until is not None
    store.clock.advance(timedelta(minutes=2))
    assert (await store.wellness.of(ada)).rest_until is None
    assert await store.queue.claim_next(ada)


async def test_pauses_between_items_are_breaks_too(store: Store, ada: Account) -> None:
    limited(store, break_after=timedelta(minutes=30))
    await fill(store, *(of_category(f"p-{n}", "spam") for n in range(5)))
    for _ in range(5):
        assert await store.queue.claim_next(ada)
        store.clock.advance(timedelta(minutes=10))


async def test_the_restricted_lane_is_for_those_who_agreed(store: Store, ada: Account) -> None:
    grave = of_category("a", "self_harm")
    await fill(store, grave)
    assert await store.queue.claim_next(ada) is None
    with pytest.raises(ConsentError, match="Wellbeing"):
        await store.queue.claim(grave.verdict.verdict_id, ada)

    await store.wellness.consent(ada)
    await store.wellness.consent(ada)
    claim = await store.queue.claim_next(ada)
    assert claim
    await store.queue.release(claim.verdict_id, ada, claim.number)
    await store.wellness.withdraw_consent(ada)
    assert await store.queue.claim_next(ada) is None

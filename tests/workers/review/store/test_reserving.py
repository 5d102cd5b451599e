"""The next item is kept ready for a reviewer, and nobody has seen it until it is handed out."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import select

from tests.workers.review.conftest import LEASE, Store
from tests.workers.review.samples import escalation, post
from tests.workers.review.working import ALLOW
from workers.review.errors import ClaimTakenError, StaleClaimError
from workers.review.store import Account, Claim, ItemKind, Wanted
from workers.review.store.audit_table import AuditRow

GRAVE, NEXT, LAST = (
    escalation(post(name), priority=p) for name, p in (("a", 9), ("b", 5), ("c", 1))
)
FIRST_ID, NEXT_ID, LAST_ID = (each.verdict.verdict_id for each in (GRAVE, NEXT, LAST))


async def at_work(store: Store, account: Account) -> Claim:
    """The account holds the first of three."""
    await store.intake.record([GRAVE, NEXT, LAST])
    claim = await store.queue.claim_next(account)
    assert claim is not None
    return claim


async def next_for(store: Store, reviewer: Account, wanted: Wanted | None = None) -> UUID | None:
    claim = await store.queue.claim_next(reviewer, wanted or Wanted())
    return None if claim is None else claim.verdict_id


async def events(store: Store) -> list[str]:
    async with store.database.reading() as session:
        rows = await session.scalars(select(AuditRow.event).order_by(AuditRow.row_id))
        return [event for event in rows.all() if event != "account"]


async def test_what_is_reserved_is_handed_out_next_and_to_nobody_else(
    store: Store, ada: Account, ben: Account
) -> None:
    await at_work(store, ada)
    assert await store.queue.reserve_next(ada) == NEXT_ID
    assert await store.queue.reserve_next(ada) == NEXT_ID  # asked twice, reserved once
    with pytest.raises(ClaimTakenError):
        await store.queue.claim(NEXT_ID, ben)
    assert await next_for(store, ben) == LAST_ID
    assert await next_for(store, ada) == NEXT_ID
    assert await events(store) == ["claim", "reserve", "claim", "claim"]


async def test_it_counts_as_taken_when_it_is_handed_out(store: Store, ada: Account) -> None:
    await at_work(store, ada)
    await store.queue.reserve_next(ada)
    assert (await store.wellness.of(ada)).items == 1
    assert (await store.queue.counts()).by_state["claimed"] == 1
    store.clock.advance(LEASE / 2)
    await store.queue.claim_next(ada)
    assert (await store.wellness.of(ada)).items == 2
    item = await store.queue.item(NEXT_ID)
    assert item.claimed_at == store.clock()


async def test_nothing_can_be_decided_on_it_unseen(store: Store, ada: Account) -> None:
    await at_work(store, ada)
    await store.queue.reserve_next(ada)
    with pytest.raises(StaleClaimError):
        await store.decisions.decide(NEXT_ID, ada, 1, ALLOW)
    with pytest.raises(StaleClaimError):
        await store.queue.renew(NEXT_ID, ada, 1)
    claim = await store.queue.claim(NEXT_ID, ada)
    await store.decisions.decide(NEXT_ID, ada, claim.number, ALLOW)


async def test_it_goes_back_with_its_lease_unless_the_reviewer_works_on(
    store: Store, ada: Account, ben: Account
) -> None:
    claim = await at_work(store, ada)
    await store.queue.reserve_next(ada)
    store.clock.advance(LEASE * 0.75)
    await store.queue.renew(FIRST_ID, ada, claim.number)
    store.clock.advance(LEASE * 0.75)
    with pytest.raises(ClaimTakenError):
        await store.queue.claim(NEXT_ID, ben)
    store.clock.advance(LEASE)
    assert (await store.queue.claim(NEXT_ID, ben)).number == 2
    store.clock.advance(LEASE)
    assert await next_for(store, ada) == FIRST_ID


async def test_it_goes_back_with_the_item_that_is_put_back(
    store: Store, ada: Account, ben: Account
) -> None:
    claim = await at_work(store, ada)
    await store.queue.reserve_next(ada)
    await store.queue.release(FIRST_ID, ada, claim.number)
    await store.queue.claim(NEXT_ID, ben)


async def test_another_part_of_the_queue_lets_go_of_it(
    store: Store, ada: Account, ben: Account
) -> None:
    await at_work(store, ada)
    await store.queue.reserve_next(ada)
    assert await store.queue.reserve_next(ada, Wanted(queue="elsewhere")) is None
    await store.queue.claim(NEXT_ID, ben)


async def test_a_golden_post_is_reserved_like_any_item(
    store: Store, ada: Account, ben: Account
) -> None:
    claim = await at_work(store, ada)
    await store.decisions.decide(FIRST_ID, ada, claim.number, ALLOW)
    await store.golden.add(FIRST_ID, ada)
    store.chance.golden = True
    planted = await store.queue.reserve_next(ben, Wanted(queue="default"))
    assert planted is not None
    assert (await store.queue.item(planted)).kind == ItemKind.GOLDEN
    assert await next_for(store, ben, Wanted(queue="default")) == planted

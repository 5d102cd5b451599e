"""Claims are leases: one wins, they run out, and an old one can do no harm."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from schemas import Action
from tests.workers.review.conftest import LEASE, PASSWORD, Store
from tests.workers.review.samples import NOON, escalation, post
from workers.review.errors import (
    ClaimTakenError,
    ItemClosedError,
    ItemNotFoundError,
    StaleClaimError,
)
from workers.review.store import Account, Choice, Claim

ITEM = escalation().verdict.verdict_id


@pytest.fixture(autouse=True)
async def _one_item(store: Store) -> None:
    await store.intake.record([escalation()])


async def test_of_twenty_reviewers_at_once_exactly_one_gets_the_item(store: Store) -> None:
    accounts = [await store.accounts.add(f"reviewer-{n}", PASSWORD) for n in range(20)]

    results = await asyncio.gather(
        *(store.queue.claim(ITEM, account) for account in accounts), return_exceptions=True
    )

    won = [result for result in results if isinstance(result, Claim)]
    refused = [result for result in results if isinstance(result, ClaimTakenError)]
    assert (len(won), len(refused)) == (1, 19)
    assert won[0].number == 1


async def test_twenty_who_ask_for_the_next_item_get_twenty_different_ones(store: Store) -> None:
    await store.intake.record([escalation(post(f"more-{n}")) for n in range(19)])
    accounts = [await store.accounts.add(f"reviewer-{n}", PASSWORD) for n in range(20)]

    claims = await asyncio.gather(*(store.queue.claim_next(account) for account in accounts))

    assert len({claim.verdict_id for claim in claims if claim}) == 20
    assert await store.queue.claim_next(accounts[0]) is None


async def test_claiming_again_returns_the_same_claim(store: Store, ada: Account) -> None:
    first = await store.queue.claim(ITEM, ada)
    store.clock.advance(LEASE / 2)
    again = await store.queue.claim(ITEM, ada)

    assert again.number == first.number
    assert again.until == store.clock() + LEASE


async def test_a_lease_that_ran_out_returns_to_the_queue(
    store: Store, ada: Account, ben: Account
) -> None:
    await store.queue.claim(ITEM, ada)
    store.clock.advance(LEASE - timedelta(seconds=1))
    with pytest.raises(ClaimTakenError):
        await store.queue.claim(ITEM, ben)
    assert (await store.queue.counts()).by_state["claimed"] == 1

    store.clock.advance(timedelta(seconds=1))
    assert (await store.queue.counts()).by_state["open"] == 1
    assert (await store.queue.claim(ITEM, ben)).number == 2


async def test_a_heartbeat_keeps_the_lease(store: Store, ada: Account, ben: Account) -> None:
    claim = await store.queue.claim(ITEM, ada)
    for _ in range(4):
        store.clock.advance(LEASE * 0.75)
        claim = await store.queue.renew(ITEM, ada, claim.number)

    assert claim.until == store.clock() + LEASE
    with pytest.raises(ClaimTakenError):
        await store.queue.claim(ITEM, ben)


async def test_a_stale_claim_is_refused_with_what_to_do(
    store: Store, ada: Account, ben: Account
) -> None:
    stale = await store.queue.claim(ITEM, ada)
    store.clock.advance(LEASE)
    await store.queue.claim(ITEM, ben)

    explained = r"Your claim 1 .* run out .*claim 2.*claim it again or take the next one"
    with pytest.raises(StaleClaimError, match=explained):
        await store.decisions.decide(ITEM, ada, stale.number, Choice(Action.ALLOW))
    with pytest.raises(StaleClaimError):
        await store.queue.renew(ITEM, ada, stale.number)
    with pytest.raises(StaleClaimError):
        await store.queue.release(ITEM, ada, stale.number)


async def test_knowing_the_number_of_another_reviewers_claim_is_of_no_use(
    store: Store, ada: Account, ben: Account
) -> None:
    claim = await store.queue.claim(ITEM, ada)
    with pytest.raises(StaleClaimError):
        await store.decisions.decide(ITEM, ben, claim.number, Choice(Action.ALLOW))


async def test_a_released_item_can_be_claimed_at_once(
    store: Store, ada: Account, ben: Account
) -> None:
    claim = await store.queue.claim(ITEM, ada)
    await store.queue.release(ITEM, ada, claim.number)

    assert (await store.queue.claim(ITEM, ben)).number == 2


async def test_a_superseded_item_says_so_to_who_holds_it(store: Store, ada: Account) -> None:
    claim = await store.queue.claim(ITEM, ada)
    await store.intake.record([escalation(post(revision=2))])

    with pytest.raises(ItemClosedError, match="newer revision"):
        await store.decisions.decide(ITEM, ada, claim.number, Choice(Action.ALLOW))


async def test_an_unknown_item_is_named_in_the_error(store: Store, ada: Account) -> None:
    unknown = escalation(post("nowhere")).verdict.verdict_id
    with pytest.raises(ItemNotFoundError, match=str(unknown)):
        await store.queue.claim(unknown, ada)


async def test_counts_say_how_many_are_overdue_and_which_is_oldest(store: Store) -> None:
    early = NOON - timedelta(hours=9)
    await store.intake.record([escalation(post("late"), escalated_at=early)])

    counts = await store.queue.counts()
    assert counts.overdue == 1
    assert counts.oldest_escalated_at == early

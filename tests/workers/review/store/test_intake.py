"""Escalations become items once, and close what they make obsolete."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import CATEGORIES, Action, Op, Post, VerdictStatus
from tests.workers.review.conftest import Store
from tests.workers.review.samples import NOON, escalation, inline, png, post, verdict
from workers.review.store import Account, Choice, Intake, ItemState
from workers.review.store.intake import leading_category
from workers.review.store.priority import PRIORITY_DOUBLES_EVERY, rank


async def states(store: Store) -> dict[str, int]:
    counts = await store.queue.counts()
    return {state: total for state, total in counts.by_state.items() if total}


async def test_an_escalation_delivered_twice_is_one_item(store: Store) -> None:
    first = await store.intake.record([escalation(), escalation()])
    again = await store.intake.record([escalation()])

    assert (first.added, first.repeated, again.added, again.repeated) == (1, 1, 0, 1)
    assert await states(store) == {"open": 1}


async def test_pictures_that_take_too_long_to_hash_hold_no_escalation_up(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def endless(_: Post) -> bytes | None:
        await asyncio.Event().wait()
        return None

    monkeypatch.setattr("workers.review.store.intake.HASHING_SECONDS", 0.01)
    intake = Intake(store.database, store.audit, store.clock, endless)
    posts = [post(name, images=(inline(png()),)) for name in ("one", "two")]
    assert (await intake.record([escalation(each) for each in posts])).added == 2


async def test_a_newer_revision_supersedes_the_open_item(store: Store) -> None:
    await store.intake.record([escalation(post(revision=1))])
    count = await store.intake.record([escalation(post(revision=2))])

    assert count.closed == 1
    assert [item.revision for item in await store.queue.open_items()] == [2]
    assert await states(store) == {"open": 1, "superseded": 1}


async def test_an_older_revision_that_arrives_late_never_opens(store: Store) -> None:
    await store.intake.record([escalation(post(revision=2)), escalation(post(revision=1))])

    assert [item.revision for item in await store.queue.open_items()] == [2]


async def test_a_withdrawn_post_leaves_the_queue_and_stays_out(store: Store) -> None:
    await store.intake.record([escalation(post(revision=1))])
    gone = post(revision=2, op=Op.DELETE, text=None)
    await store.intake.record([escalation(gone, status=VerdictStatus.WITHDRAWN)])
    await store.intake.record([escalation(post(revision=1), queue="late")])

    assert await store.queue.open_items() == []
    assert await states(store) == {"withdrawn": 2}


async def test_a_second_verdict_on_a_decided_revision_leaves_the_decision_standing(
    store: Store, ada: Account
) -> None:
    first = escalation()
    await store.intake.record([first])
    claim = await store.queue.claim(first.verdict.verdict_id, ada)
    await store.decisions.decide(
        first.verdict.verdict_id, ada, claim.number, Choice(Action.REMOVE, ("toxicity",))
    )
    by_new_model = escalation(verdict_id=verdict(post("other")).verdict_id)
    await store.intake.record([by_new_model])

    assert await states(store) == {"decided": 1, "superseded": 1}


async def test_a_second_verdict_on_an_open_revision_replaces_it(store: Store) -> None:
    newer = verdict(post("other")).verdict_id
    await store.intake.record([escalation(), escalation(verdict_id=newer)])

    assert [item.verdict_id for item in await store.queue.open_items()] == [newer]


def test_the_leading_category_is_the_loudest_of_those_named_in_the_reasons() -> None:
    unnamed_is_louder = {"toxicity": 0.5, "spam": 0.9}
    assert leading_category(verdict(post(), scores=unnamed_is_louder)) == "toxicity"
    assert leading_category(verdict(post(), scores=unnamed_is_louder, reasons=())) == "spam"
    assert leading_category(verdict(post(), scores={}, reasons=())) is None


async def test_items_are_listed_by_severity_reach_and_age(store: Store) -> None:
    hour = timedelta(hours=1)
    await store.intake.record(
        [
            escalation(post("mild-fresh"), priority=1),
            escalation(post("grave-fresh"), priority=9),
            escalation(post("mild-old"), priority=1, escalated_at=NOON - 4 * hour),
            escalation(post("mild-ancient"), priority=1, escalated_at=NOON - 48 * hour),
        ]
    )
    listed = [item.post_id for item in await store.queue.open_items()]
    assert listed == ["mild-ancient", "grave-fresh", "mild-old", "mild-fresh"]


weights = st.floats(min_value=1e-3, max_value=1e6)
ages = st.integers(min_value=0, max_value=7 * 86_400)


@given(first=weights, second=weights, first_age=ages, second_age=ages)
def test_the_stored_rank_orders_as_the_weight_that_doubles_with_age(
    first: float, second: float, first_age: int, second_age: int
) -> None:
    doubling = PRIORITY_DOUBLES_EVERY.total_seconds()
    heavier = first * 2 ** (first_age / doubling)
    lighter = second * 2 ** (second_age / doubling)
    if heavier < lighter * 1.001:  # floats cannot tell near ties apart
        return
    assert rank(first, NOON - timedelta(seconds=first_age)) > rank(
        second, NOON - timedelta(seconds=second_age)
    )


async def test_every_category_can_be_stored_and_counted_by_queue(store: Store) -> None:
    await store.intake.record(
        [escalation(post(f"p-{name}"), queue=name, scores={name: 0.9}) for name in CATEGORIES]
    )
    counts = await store.queue.counts()
    assert counts.by_queue == dict.fromkeys(sorted(CATEGORIES), 1)
    assert counts.by_state[ItemState.OPEN] == len(CATEGORIES)

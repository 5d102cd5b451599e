"""For a few seconds a decision is nobody's business but the reviewer's."""

from __future__ import annotations

import pytest

from schemas import Op, VerdictStatus
from tests.workers.review.conftest import UNDO_WITHIN, Store
from tests.workers.review.samples import escalation, post, verdict
from tests.workers.review.working import (
    ALLOW,
    REMOVE,
    decide,
    escalate_and_decide,
    open_of_kind,
    told,
)
from workers.review.errors import ContentErasedError, TooLateError
from workers.review.store import Account, ItemKind

ITEM = escalation().verdict.verdict_id


async def test_a_decision_is_held_back_until_it_can_no_longer_be_undone(
    store: Store, ada: Account
) -> None:
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    assert (await store.outbox.take(10, "relay")).rows == ()
    store.clock.advance(UNDO_WITHIN)
    assert len((await store.outbox.take(10, "relay")).rows) == 2
    with pytest.raises(TooLateError):
        await store.undoing.undo(ITEM, ada)


async def test_an_undone_decision_never_was_and_the_item_is_in_hand_again(
    store: Store, ada: Account
) -> None:
    store.chance.second_opinion = True
    wrong = await escalate_and_decide(store, escalation(), ada, REMOVE)
    undone = await store.undoing.undo(ITEM, ada)
    assert await told(store) == []
    assert await open_of_kind(store, ItemKind.SECOND) == []

    right = await store.decisions.decide(ITEM, ada, undone.number, ALLOW)
    assert right.decision_id != wrong.decision_id
    assert await told(store) == ["review-decisions", "verdicts"]
    assert len(await open_of_kind(store, ItemKind.SECOND)) == 1


async def test_once_a_relay_has_taken_it_there_is_no_undoing(store: Store, ada: Account) -> None:
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    store.clock.advance(UNDO_WITHIN)
    await store.outbox.take(1, "relay")
    store.clock.advance(-UNDO_WITHIN)  # of a replica whose clock is behind
    with pytest.raises(TooLateError, match="on its way"):
        await store.undoing.undo(ITEM, ada)


async def test_only_whoever_decided_can_undo(store: Store, ada: Account, ben: Account) -> None:
    await store.intake.record([escalation()])
    with pytest.raises(TooLateError, match="no decision"):
        await store.undoing.undo(ITEM, ada)
    await decide(store, ITEM, ada, REMOVE)
    with pytest.raises(TooLateError, match="no decision"):
        await store.undoing.undo(ITEM, ben)


async def test_what_was_judged_anew_or_erased_meanwhile_stays_decided(
    store: Store, ada: Account
) -> None:
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    await store.intake.record([escalation(post(revision=2))])
    with pytest.raises(TooLateError, match="judged anew"):
        await store.undoing.undo(ITEM, ada)
    gone = post(op=Op.DELETE, text=None, revision=3)
    await store.changes.record([verdict(gone, status=VerdictStatus.WITHDRAWN)])
    with pytest.raises(ContentErasedError):
        await store.undoing.undo(ITEM, ada)


async def test_a_second_opinion_that_was_given_keeps_the_first(
    store: Store, ada: Account, ben: Account
) -> None:
    store.chance.second_opinion = True
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, REMOVE)
    with pytest.raises(TooLateError, match="second opinion"):
        await store.undoing.undo(ITEM, ada)

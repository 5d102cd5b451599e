"""A second reviewer judges blind; a senior settles what the two disagree on."""

from __future__ import annotations

import pytest

from schemas import Action, DecisionOrigin, Modality, ReviewDecision, Verdict
from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, post
from tests.workers.review.working import (
    ALLOW,
    LIMIT,
    REMOVE,
    decide,
    escalate_and_decide,
    open_of_kind,
    senior,
    told,
)
from workers.review.errors import BarredError
from workers.review.store import Account, Choice, ItemKind
from workers.review.store.human_verdict import human_verdict_id

ITEM = escalation().verdict.verdict_id


async def second_of(store: Store, ada: Account, choice: Choice = REMOVE) -> ReviewDecision:
    """Ada decides, and a second opinion is asked for."""
    store.chance.second_opinion = True
    return await escalate_and_decide(store, escalation(), ada, choice)


async def test_without_the_draw_nobody_is_asked_again(store: Store, ada: Account) -> None:
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    assert await store.queue.open_items() == []


async def test_the_first_decision_holds_while_the_second_is_waited_for(
    store: Store, ada: Account
) -> None:
    await second_of(store, ada)
    assert await told(store) == ["review-decisions", "verdicts"]
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    assert asked.subject == ITEM != asked.verdict_id


async def test_whoever_decided_is_not_asked_again(store: Store, ada: Account, ben: Account) -> None:
    await second_of(store, ada)
    (asked,) = await store.queue.open_items()
    assert await store.queue.open_items(ada) == []
    assert await store.queue.claim_next(ada) is None
    with pytest.raises(BarredError, match="decided on this post before"):
        await store.queue.claim(asked.verdict_id, ada)
    assert await store.queue.claim_next(ben) is not None


@pytest.mark.parametrize("again", [REMOVE, Choice(Action.REMOVE, ("hate", "toxicity"))])
async def test_agreement_ends_it_and_is_told_to_nobody(
    store: Store, ada: Account, ben: Account, again: Choice
) -> None:
    await second_of(store, ada)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, again)
    assert await store.queue.open_items() == []
    assert await told(store) == ["review-decisions", "verdicts"]


@pytest.mark.parametrize("again", [ALLOW, LIMIT, Choice(Action.REMOVE, ("hate",))])
async def test_disagreement_goes_to_a_senior_who_was_no_party_to_it(
    store: Store, ada: Account, ben: Account, again: Choice
) -> None:
    await second_of(store, ada)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, again)

    (dispute,) = await open_of_kind(store, ItemKind.SENIOR)
    for party in (ada, ben):
        assert await store.queue.open_items(party) == []
        with pytest.raises(BarredError):
            await store.queue.claim(dispute.verdict_id, party)
    sue = await senior(store)
    assert [item.verdict_id for item in await store.queue.open_items(sue)] == [dispute.verdict_id]


async def test_the_seniors_word_replaces_the_first_decision(
    store: Store, ada: Account, ben: Account
) -> None:
    first = await second_of(store, ada)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, ALLOW)
    (dispute,) = await open_of_kind(store, ItemKind.SENIOR)
    decision = await decide(store, dispute.verdict_id, await senior(store), ALLOW)

    rows = (await store.outbox.unsent(10))[2:]
    assert ReviewDecision.from_bytes(rows[0].value) == decision
    assert decision.origin is DecisionOrigin.SENIOR
    assert decision.verdict_id == ITEM, "the ledger finds the machine's verdict by it"
    assert decision.reverses == human_verdict_id("p-1", 1, first.decision_id)
    verdict = Verdict.from_bytes(rows[1].value)
    assert (verdict.action, verdict.post_id) == (Action.ALLOW, "p-1")


async def test_a_senior_who_sides_with_the_first_says_nothing_new(
    store: Store, ada: Account, ben: Account
) -> None:
    await second_of(store, ada)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, ALLOW)
    (dispute,) = await open_of_kind(store, ItemKind.SENIOR)
    sue = await senior(store)

    seen = await store.queue.view(dispute.verdict_id, sue)
    assert [(past.kind, past.action) for past in seen.earlier] == [
        ("first", "remove"),
        ("second", "allow"),
    ]
    await decide(store, dispute.verdict_id, sue, REMOVE)
    assert await told(store) == ["review-decisions", "verdicts"]


async def test_who_judges_blind_sees_nothing_else_of_the_post(
    store: Store, ada: Account, ben: Account
) -> None:
    await second_of(store, ada)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    claim = await store.queue.claim(asked.verdict_id, ben)
    assert (await store.queue.view(asked.verdict_id, ben)).earlier == []
    with pytest.raises(BarredError, match="blind"):
        await store.queue.view(ITEM, ben)
    with pytest.raises(BarredError, match="blind"):
        await store.queue.view_medium(ITEM, ben, Modality.IMAGE, 0)
    await store.queue.release(asked.verdict_id, ben, claim.number)
    await store.queue.view(ITEM, ben)


async def test_a_newer_revision_makes_the_second_opinion_pointless(
    store: Store, ada: Account
) -> None:
    await second_of(store, ada)
    store.chance.second_opinion = False
    await store.intake.record([escalation(post(revision=2))])
    assert await open_of_kind(store, ItemKind.SECOND) == []

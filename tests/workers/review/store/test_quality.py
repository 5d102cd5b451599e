"""Figures of quality, from decisions of every kind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from schemas import Action, RuleHit
from tests.workers.review.conftest import Store
from tests.workers.review.samples import MODEL_VERSION, escalation, post
from tests.workers.review.working import (
    ALLOW,
    REMOVE,
    decide,
    escalate_and_decide,
    open_of_kind,
    senior,
)
from workers.review.store import Account, ItemKind, QualityFigures


async def today(store: Store) -> QualityFigures:
    day = store.clock().date()
    return await store.quality.between(day, day)


async def test_of_nothing_there_is_nothing_to_say(store: Store) -> None:
    figures = await today(store)
    assert (figures.agreement.pairs, figures.agreement.kappa, figures.agreement.alpha) == (
        0,
        None,
        None,
    )
    assert (figures.golden, figures.overturned) == ([], [])


async def test_agreement_is_of_first_and_blind_second(
    store: Store, ada: Account, ben: Account
) -> None:
    store.chance.second_opinion = True
    answers = [(REMOVE, REMOVE), (ALLOW, ALLOW), (REMOVE, ALLOW), (ALLOW, ALLOW)]
    for number, (first, second) in enumerate(answers):
        await escalate_and_decide(store, escalation(post(f"p-{number}")), ada, first)
        (asked,) = await open_of_kind(store, ItemKind.SECOND)
        await decide(store, asked.verdict_id, ben, second)
    (dispute,) = await open_of_kind(store, ItemKind.SENIOR)
    await decide(store, dispute.verdict_id, await senior(store), REMOVE)

    agreement = (await today(store)).agreement
    assert (agreement.pairs, agreement.agreed) == (4, 3)
    assert agreement.kappa == pytest.approx(0.5)
    # 8 answers, 3 remove and 5 allow; 2 of 30 ordered pairs across: 1 - 7 * 2 / 30.
    assert agreement.alpha == pytest.approx(1 - 7 * 2 / 30)
    assert (agreement.settled, agreement.for_first) == (1, 1)


async def test_overturned_counts_what_is_in_force_by_rule_model_and_category(
    store: Store, ada: Account, ben: Account
) -> None:
    hits = (RuleHit(rule="insult", mode="live"), RuleHit(rule="tryout", mode="shadow"))
    store.chance.second_opinion = True
    removed = escalation(post("a"), rule_hits=hits, action=Action.REMOVE)
    await escalate_and_decide(store, removed, ada, REMOVE)
    (asked,) = await open_of_kind(store, ItemKind.SECOND)
    await decide(store, asked.verdict_id, ben, ALLOW)
    (dispute,) = await open_of_kind(store, ItemKind.SENIOR)
    store.clock.advance(timedelta(minutes=1))
    await decide(store, dispute.verdict_id, await senior(store), ALLOW)
    store.chance.second_opinion = False
    await escalate_and_decide(store, escalation(post("b"), rule_hits=hits), ada, REMOVE)

    rows = {
        (row.by, row.name): (row.decided, row.overturned) for row in (await today(store)).overturned
    }
    assert rows == {
        ("rule", "insult"): (2, 1),
        ("model", MODEL_VERSION): (2, 1),
        ("category", "toxicity"): (2, 1),
    }


async def test_other_days_do_not_count(store: Store, ada: Account) -> None:
    await escalate_and_decide(store, escalation(), ada, ALLOW)
    store.clock.advance(timedelta(days=1))
    assert (await today(store)).overturned == []

"""Every restriction is noted once, by person or machine, and lifted when it holds no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from schemas import Action, Modality, Sampling, Verdict, VerdictSource, VerdictStatus
from tests.workers.review.conftest import Store
from tests.workers.review.samples import NOON, post, verdict
from workers.review.store import Statement

MINUTE = timedelta(minutes=1)


def later(minutes: int, action: Action, **changes: Any) -> Verdict:
    """A verdict on the sample post, some minutes after noon."""
    fields: dict[str, Any] = {"verdict_id": uuid4(), "decided_at": NOON + minutes * MINUTE}
    of = post(revision=changes.pop("revision", 1))
    return verdict(of, action=action, **(fields | changes))


async def statements(store: Store) -> list[Statement]:
    async with store.database.reading() as session:
        found = await session.scalars(select(Statement).order_by(Statement.decided_at))
        return list(found.all())


async def test_a_machines_restriction_is_noted_with_what_it_is_for(store: Store) -> None:
    removal = later(0, Action.REMOVE, modalities=(Modality.TEXT, Modality.IMAGE))
    count = await store.statements.record([removal])

    (noted,) = await statements(store)
    assert count.added == 1
    assert (noted.source, noted.action, noted.detected) == ("machine", "remove", True)
    assert noted.categories == ["toxicity"]
    assert noted.modalities == ["image", "text"]
    assert noted.content_at == NOON - timedelta(seconds=0.25)
    assert "p-1" not in str(vars(noted))
    assert "author-1" not in str(vars(noted))


@pytest.mark.parametrize("action", [Action.ALLOW, Action.REVIEW])
async def test_what_restricts_nothing_is_not_noted(store: Store, action: Action) -> None:
    await store.statements.record([later(0, action)])
    assert await statements(store) == []


@pytest.mark.parametrize("hidden", [{"age_gate": 18}, {"geo_limit": ("DE",)}])
async def test_a_post_that_stays_up_for_some_only_is_restricted(
    store: Store, hidden: dict[str, Any]
) -> None:
    await store.statements.record([later(0, Action.ALLOW, **hidden)])
    assert len(await statements(store)) == 1


async def test_verdicts_that_come_twice_change_nothing(store: Store) -> None:
    batch = [later(0, Action.REMOVE), later(1, Action.ALLOW), later(2, Action.LIMIT)]
    for _ in range(2):
        await store.statements.record(batch)

    first, second = await statements(store)
    assert (first.action, first.lifted_at) == ("remove", NOON + MINUTE)
    assert (second.action, second.lifted_at) == ("limit", None)


async def test_a_person_who_confirms_a_restriction_imposes_no_new_one(store: Store) -> None:
    person = later(1, Action.REMOVE, source=VerdictSource.HUMAN)
    await store.statements.record([later(0, Action.REMOVE), person])
    (noted,) = await statements(store)
    assert noted.source == "machine"


async def test_a_person_who_is_harsher_lifts_the_old_restriction_and_imposes_another(
    store: Store,
) -> None:
    await store.statements.record([later(0, Action.LIMIT)])
    count = await store.statements.record([later(1, Action.REMOVE, source=VerdictSource.HUMAN)])
    assert (count.added, count.lifted) == (1, 1)


async def test_a_question_and_a_withdrawal_lift_nothing(store: Store) -> None:
    await store.statements.record([later(0, Action.REMOVE)])
    await store.statements.record(
        [later(1, Action.REVIEW), later(2, Action.ALLOW, status=VerdictStatus.WITHDRAWN)]
    )
    (noted,) = await statements(store)
    assert noted.lifted_at is None


async def test_an_edited_post_that_is_restricted_again_is_another_restriction(
    store: Store,
) -> None:
    await store.statements.record([later(0, Action.REMOVE), later(1, Action.REMOVE, revision=2)])
    assert [noted.lifted_at for noted in await statements(store)] == [NOON + MINUTE, None]


async def test_what_chance_brought_up_was_not_detected(store: Store) -> None:
    drawn = Sampling(sampled=True, inclusion_probability=0.01)
    by_person = later(
        0,
        Action.REMOVE,
        source=VerdictSource.HUMAN,
        model_action=Action.ALLOW,
        sampling=drawn,
    )
    await store.statements.record([by_person])
    (noted,) = await statements(store)
    assert not noted.detected

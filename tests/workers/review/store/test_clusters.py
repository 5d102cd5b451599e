"""Near-identical escalations are one entry of the queue, and one decision can go for them all."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from schemas import Media, Op, Post, ReviewDecision, RuleHit, Sampling, VerdictStatus
from tests.workers.review.conftest import KEEP, LEASE, UNDO_WITHIN, Store
from tests.workers.review.samples import escalation, inline, png, post, verdict
from tests.workers.review.working import ALLOW, REMOVE, decide, open_of_kind, told
from workers.review.errors import StaleClaimError, TooLateError
from workers.review.store import Account, Alike, Choice, ItemKind, ItemState, Severity, Wanted
from workers.review.store.audit_table import AuditRow
from workers.review.store.cluster_tables import Cluster, ClusterKey
from workers.review.store.queue_reading import LONGEST_QUOTED, MOST_QUOTED
from workers.review.store.tables import Decision

SPAM = (
    "Dear friends, this one weird trick made me rich within a single week, and the big banks do "
    "not want you to hear of it. Write to me today and I will tell you how it works for you too."
)


def copy(name: str, text: str | None = SPAM, **changes: object) -> Post:
    return post(name, text=text, **changes)


def name_of(of: Post) -> UUID:
    return escalation(of).verdict.verdict_id


async def wave(store: Store, *posts: Post) -> list[UUID]:
    """Escalations in this order of pressure; returns their names."""
    await store.intake.record(
        [escalation(each, priority=100.0 - place) for place, each in enumerate(posts)]
    )
    return [name_of(each) for each in posts]


async def entries(store: Store, wanted: Wanted | None = None) -> list[tuple[UUID, int]]:
    """The entries of the queue: the item that stands there, and how many others it has."""
    items = await store.queue.open_items(wanted=wanted or Wanted())
    gathered = await store.queue.gathered(items)
    return [(item.verdict_id, gathered[item.cluster].others) for item in items]


async def next_for(store: Store, reviewer: Account) -> UUID | None:
    claim = await store.queue.claim_next(reviewer)
    return None if claim is None else claim.verdict_id


async def mates(store: Store, item: UUID, viewer: Account) -> list[UUID]:
    return [mate.item.verdict_id for mate in (await store.queue.view(item, viewer)).mates]


async def test_copies_and_slight_changes_are_one_entry_with_a_count(store: Store) -> None:
    first, *_ = await wave(
        store,
        copy("one"),
        copy("two"),
        copy("loud", SPAM.upper().replace("friends", "FRIENDS!!")),
        copy("changed", SPAM.replace("a single week", "a single year")),
        post("else"),
    )
    assert await entries(store) == [(first, 3), (name_of(post("else")), 0)]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(copy("b", "A text about something that is quite another."), id="text"),
        pytest.param(copy("b", images=(inline(png()),)), id="picture"),
        pytest.param(copy("b", images=(Media(url="https://example.org/x.png"),)), id="unknown"),
    ],
)
async def test_what_differs_stays_by_itself(store: Store, other: Post) -> None:
    one, two = await wave(store, copy("a"), other)
    assert await entries(store) == [(one, 0), (two, 0)]


async def test_the_same_picture_without_a_text_is_the_same(store: Store) -> None:
    red, blue = (inline(png()),), (inline(png((0, 0, 200))),)
    one, _, other = await wave(
        store,
        copy("a", text=None, images=red),
        copy("b", text=None, images=red),
        copy("c", text=None, images=blue),
    )
    assert await entries(store) == [(one, 1), (other, 0)]


async def test_a_post_of_the_audit_sample_is_judged_by_itself(store: Store) -> None:
    drawn = Sampling(sampled=True, inclusion_probability=0.01)
    await wave(store, copy("a"))
    await store.intake.record([escalation(copy("b"), sampling=drawn)])
    assert {others for _, others in await entries(store)} == {0}
    assert len(await entries(store)) == 2


async def test_one_decision_goes_for_all_and_each_is_told_of_by_itself(
    store: Store, ada: Account
) -> None:
    first, *others = await wave(store, copy("a"), copy("b"), copy("c"))
    claim = await store.queue.claim(first, ada)
    assert await mates(store, first, ada) == others

    taken = await store.decisions.decide(
        first, ada, claim.number, REMOVE, Alike(decided=dict.fromkeys(others, ()))
    )

    assert sorted(await store.decisions.covered_by(taken)) == sorted(others)
    assert await entries(store) == []
    rows = await store.outbox.unsent(10)
    decisions = [ReviewDecision.from_bytes(r.value) for r in rows if r.topic != "verdicts"]
    assert {each.post_id for each in decisions} == {"a", "b", "c"}
    assert len({each.decision_id for each in decisions}) == 3
    assert (await told(store)).count("verdicts") == 3
    async with store.database.reading() as session:
        audited = await session.scalars(select(AuditRow).where(AuditRow.event == "decide"))
        assert {row.verdict_id for row in audited.all()} == {first, *others}


async def test_a_clause_goes_with_those_alone_whose_verdict_has_it(
    store: Store, ada: Account
) -> None:
    one = escalation(copy("a"), priority=2.0, rule_hits=(RuleHit(rule="spam-wave", mode="live"),))
    two = escalation(copy("b"), rule_hits=())
    await store.intake.record([one, two])
    claim = await store.queue.claim(one.verdict.verdict_id, ada)
    named = Choice(REMOVE.action, REMOVE.categories, clause="spam-wave")
    alike = Alike(decided={two.verdict.verdict_id: ()})
    await store.decisions.decide(one.verdict.verdict_id, ada, claim.number, named, alike)
    async with store.database.reading() as session:
        rows = await session.execute(select(Decision.verdict_id, Decision.clause))
        assert {tuple(row) for row in rows} == {
            (one.verdict.verdict_id, "spam-wave"),
            (two.verdict.verdict_id, None),
        }


async def test_who_is_excluded_stays_open_and_is_judged_by_itself(
    store: Store, ada: Account
) -> None:
    first, second, third = await wave(store, copy("a"), copy("b"), copy("c"))
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={second: ()}, apart=frozenset({third}))
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    assert await entries(store) == [(third, 0)]
    await wave(store, copy("late"))
    assert (third, 0) in await entries(store)


async def test_what_came_after_the_look_is_not_decided(store: Store, ada: Account) -> None:
    first, second = await wave(store, copy("a"), copy("b"))
    claim = await store.queue.claim(first, ada)
    (late,) = await wave(store, copy("late"))
    await store.decisions.decide(first, ada, claim.number, REMOVE, Alike(decided={second: ()}))
    assert await entries(store) == [(late, 0)]


async def test_names_of_other_items_are_of_no_use(store: Store, ada: Account) -> None:
    first, other = await wave(store, copy("a"), post("else"))
    claim = await store.queue.claim(first, ada)
    await store.decisions.decide(first, ada, claim.number, REMOVE, Alike(decided={other: ()}))
    assert await entries(store) == [(other, 0)]


async def test_what_differs_and_was_not_shown_stays_open(store: Store, ada: Account) -> None:
    changed = [
        copy(f"c{number}", SPAM.replace("week", f"week ({number})"))
        for number in range(MOST_QUOTED + 2)
    ]
    long = copy("long", SPAM + " " * LONGEST_QUOTED)
    first, same, too_long, *others = await wave(store, copy("a"), copy("b"), long, *changed)
    claim = await store.queue.claim(first, ada)
    mates = (await store.queue.view(first, ada)).mates
    shown = [mate.item.verdict_id for mate in mates if mate.is_shown]
    assert shown == [same, *others[: MOST_QUOTED - 1]]

    alike = Alike(decided=dict.fromkeys((same, too_long, *others), ()))
    taken = await store.decisions.decide(first, ada, claim.number, ALLOW, alike)

    assert set(await store.decisions.covered_by(taken)) == set(shown)
    assert await entries(store) == [(too_long, 3)]


async def test_what_a_colleague_saw_is_not_what_the_reviewer_saw(
    store: Store, ada: Account, ben: Account
) -> None:
    first, other = await wave(store, copy("a"), copy("b", SPAM.replace("week", "year")))
    await store.queue.view(first, ben)
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={other: ()})
    await store.decisions.decide(first, ada, claim.number, ALLOW, alike)
    assert await entries(store) == [(other, 0)]


async def test_what_a_colleague_holds_stays_theirs(
    store: Store, ada: Account, ben: Account
) -> None:
    first, second = await wave(store, copy("a"), copy("b"))
    claim, held = await store.queue.claim(first, ada), await store.queue.claim(second, ben)
    alike = Alike(decided={second: ()})
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    await store.decisions.decide(second, ben, held.number, ALLOW)
    assert len(await told(store)) == 4


async def test_an_old_claim_on_what_was_decided_with_another_is_stale(
    store: Store, ada: Account, ben: Account
) -> None:
    first, second = await wave(store, copy("a"), copy("b"))
    held = await store.queue.claim(second, ben)
    store.clock.advance(LEASE)
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={second: ()})
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    await store.undoing.undo(first, ada)
    with pytest.raises(StaleClaimError):
        await store.decisions.decide(second, ben, held.number, ALLOW)
    assert (await store.queue.item(second)).state == ItemState.OPEN


async def test_while_one_is_held_the_others_are_not_handed_out(
    store: Store, ada: Account, ben: Account
) -> None:
    first, *_ = await wave(store, copy("a"), copy("b"), post("else"))
    assert await next_for(store, ada) == first
    assert await next_for(store, ben) == name_of(post("else"))
    assert await store.queue.claim_next(ben) is None
    store.clock.advance(LEASE)
    assert await next_for(store, ben) == first


async def test_undo_takes_all_of_them_back(store: Store, ada: Account) -> None:
    store.chance.second_opinion = True
    first, second = await wave(store, copy("a"), copy("b"))
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={second: ()})
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    assert len(await open_of_kind(store, ItemKind.SECOND)) == 2

    undone = await store.undoing.undo(first, ada)

    assert await told(store) == []
    assert await open_of_kind(store, ItemKind.SECOND) == []
    assert await entries(store) == [(first, 1)]
    await store.decisions.decide(first, ada, undone.number, ALLOW, alike)
    assert len(await told(store)) == 4


async def test_once_one_is_on_its_way_none_can_be_undone(store: Store, ada: Account) -> None:
    first, second = await wave(store, copy("a"), copy("b"))
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={second: ()})
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    store.clock.advance(UNDO_WITHIN)
    await store.outbox.take(1, "relay")
    store.clock.advance(-UNDO_WITHIN)
    with pytest.raises(TooLateError):
        await store.undoing.undo(second, ada)
    assert len(await told(store)) == 4


async def test_a_post_that_was_withdrawn_meanwhile_stays_as_it_is_when_the_rest_is_undone(
    store: Store, ada: Account
) -> None:
    first, second = await wave(store, copy("a"), copy("b"))
    claim = await store.queue.claim(first, ada)
    alike = Alike(decided={second: ()})
    await store.decisions.decide(first, ada, claim.number, REMOVE, alike)
    gone = verdict(copy("b", text=None, op=Op.DELETE), status=VerdictStatus.WITHDRAWN)
    await store.changes.record([gone])
    await store.undoing.undo(first, ada)
    assert await entries(store) == [(first, 0)]
    assert (await store.queue.item(second)).state == ItemState.DECIDED


async def test_when_the_foremost_goes_the_next_one_stands_for_the_rest(store: Store) -> None:
    first, second, _ = await wave(store, copy("a"), copy("b"), copy("c"))
    gone = verdict(copy("a", text=None, op=Op.DELETE), status=VerdictStatus.WITHDRAWN)
    await store.changes.record([gone])
    assert await entries(store) == [(second, 1)]
    assert first not in dict(await entries(store))


async def test_a_part_of_the_queue_shows_those_of_the_cluster_that_are_in_it(store: Store) -> None:
    low = escalation(copy("a", reach=0), priority=0.2)
    high = escalation(copy("b", reach=0), priority=0.9)
    await store.intake.record([low, high])
    assert [name for name, _ in await entries(store)] == [high.verdict.verdict_id]
    part = Wanted(severity=Severity.LOW)
    assert [name for name, _ in await entries(store, part)] == [low.verdict.verdict_id]


async def test_the_texts_of_others_are_shown_and_their_views_are_in_the_trail(
    store: Store, ada: Account
) -> None:
    changed = SPAM.replace("a single week", "a single year")
    first, _same, other = await wave(store, copy("a"), copy("b"), copy("c", changed))
    viewed = await store.queue.view(first, ada)
    assert [(mate.same, mate.text) for mate in viewed.mates] == [(True, None), (False, changed)]
    async with store.database.reading() as session:
        rows = await session.scalars(select(AuditRow.verdict_id).where(AuditRow.event == "view"))
        assert set(rows.all()) == {first, other}


async def test_fingerprints_go_with_the_content_and_with_the_last_open_item(
    store: Store, ada: Account
) -> None:
    first, _ = await wave(store, copy("a"), post("else"))
    await decide(store, first, ada, REMOVE)
    await store.erasure.expire()
    async with store.database.reading() as session:
        kept = (await session.scalars(select(Cluster.cluster_id))).all()
        keyed = (await session.scalars(select(ClusterKey.cluster_id).distinct())).all()
    assert list(kept) == list(keyed) == [name_of(post("else"))]
    store.clock.advance(KEEP + timedelta(seconds=1))
    await store.erasure.expire()
    async with store.database.reading() as session:
        assert (await session.scalars(select(Cluster.cluster_id))).all() == []

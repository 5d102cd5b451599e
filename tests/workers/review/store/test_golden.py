"""Golden posts: planted where an escalation would be, answered, scored, told to nobody."""

from __future__ import annotations

import pytest

from schemas import Action, Op, VerdictStatus
from tests.workers.review.conftest import Store
from tests.workers.review.samples import escalation, post, verdict
from tests.workers.review.working import ALLOW, REMOVE, escalate_and_decide, told
from workers.review.errors import GoldenPostError
from workers.review.store import Account, Item, ItemKind

GOLDEN = escalation(post("known", author_id="author-2"))
GOLDEN_ID = GOLDEN.verdict.verdict_id
PLAIN = escalation(post("plain"))


async def golden_and_plain(store: Store, ada: Account) -> None:
    """A golden post that Ada decided, and an open escalation."""
    await escalate_and_decide(store, GOLDEN, ada, REMOVE)
    await store.golden.add(GOLDEN_ID, ada)
    await store.intake.record([PLAIN])
    store.chance.golden = True


async def planted(store: Store, ben: Account) -> Item:
    claim = await store.queue.claim_next(ben)
    assert claim
    return await store.queue.item(claim.verdict_id)


async def test_it_comes_in_place_of_an_escalation_and_looks_like_it(
    store: Store, ada: Account, ben: Account
) -> None:
    await golden_and_plain(store, ada)
    item = await planted(store, ben)
    stands_for = await store.queue.item(PLAIN.verdict.verdict_id)

    assert item.kind == ItemKind.GOLDEN
    assert item.verdict_id.version == stands_for.verdict_id.version
    for column in ("queue", "rank", "priority", "escalated_at", "due_at"):
        assert getattr(item, column) == getattr(stands_for, column), column
    viewed = await store.queue.view(item.verdict_id, ben)
    assert viewed.content == GOLDEN
    assert viewed.earlier == [], "its answer is no secret if what was decided is shown"
    assert stands_for.state == "open"


async def test_a_wrong_answer_is_scored_and_told_to_nobody(
    store: Store, ada: Account, ben: Account
) -> None:
    await golden_and_plain(store, ada)
    before = await told(store)
    item = await planted(store, ben)
    await store.decisions.decide(item.verdict_id, ben, 1, ALLOW)

    assert await told(store) == before
    today = store.clock().date()
    figures = await store.quality.between(today, today)
    (score,) = figures.golden
    assert (score.reviewer, score.answered, score.right) == (ben.pseudonym, 1, 0)
    assert [row.decided for row in figures.overturned if row.by == "model"] == [1]


async def test_nobody_gets_the_same_one_twice_nor_one_that_they_made(
    store: Store, ada: Account, ben: Account
) -> None:
    await golden_and_plain(store, ada)
    item = await planted(store, ben)
    await store.decisions.decide(item.verdict_id, ben, 1, REMOVE)
    for account in (ada, ben):
        claim = await store.queue.claim_next(account)
        assert claim
        assert claim.verdict_id == PLAIN.verdict.verdict_id
        await store.queue.release(claim.verdict_id, account, claim.number)


async def test_a_retired_one_is_planted_no_more(store: Store, ada: Account, ben: Account) -> None:
    await golden_and_plain(store, ada)
    await store.golden.retire(GOLDEN_ID, ada)
    assert (await planted(store, ben)).kind == ItemKind.FIRST
    with pytest.raises(GoldenPostError, match="no such golden post"):
        await store.golden.retire(GOLDEN_ID, ada)


async def test_one_whose_author_took_the_post_back_is_planted_no_more(
    store: Store, ada: Account, ben: Account
) -> None:
    await golden_and_plain(store, ada)
    gone = post("known", author_id="author-2", op=Op.DELETE, text=None)
    await store.changes.record([verdict(gone, status=VerdictStatus.WITHDRAWN)])
    assert (await planted(store, ben)).kind == ItemKind.FIRST
    (listed,) = await store.golden.everything()
    assert listed.erased


async def test_only_decided_escalations_become_golden_and_only_once(
    store: Store, ada: Account
) -> None:
    await store.intake.record([PLAIN])
    with pytest.raises(GoldenPostError, match="Only a decided"):
        await store.golden.add(PLAIN.verdict.verdict_id, ada)
    await escalate_and_decide(store, GOLDEN, ada, REMOVE)
    golden = await store.golden.add(GOLDEN_ID, ada)
    assert (golden.action, golden.categories) == (Action.REMOVE, ["toxicity"])
    with pytest.raises(GoldenPostError, match="already"):
        await store.golden.add(GOLDEN_ID, ada)

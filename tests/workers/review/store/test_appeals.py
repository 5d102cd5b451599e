"""An author contests a verdict: another reviewer answers, and what was wrong is put right."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from schemas import (
    Action,
    Appeal,
    DecisionOrigin,
    Op,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
)
from tests.workers.review.conftest import APPEAL_WINDOW, Store
from tests.workers.review.samples import appeal, escalation, post, verdict
from tests.workers.review.working import ALLOW, LIMIT, REMOVE, decide, escalate_and_decide
from workers.ledger.events import DecisionSeen, VerdictSeen
from workers.ledger.reduce import reduce
from workers.ledger.state import AuthorState, PostState
from workers.review.errors import AppealNotFoundError, BarredError
from workers.review.store import Account, AppealState, Item, ItemKind
from workers.review.store.appeals import Refusal

MACHINE = verdict(post(), action=Action.REMOVE)


async def removed_by(store: Store, ada: Account) -> Verdict:
    """Ada removes the post; returns the verdict that the platform got."""
    await escalate_and_decide(store, escalation(), ada, REMOVE)
    store.clock.advance(timedelta(days=2))
    (_, sent) = await store.outbox.unsent(2)
    return Verdict.from_bytes(sent.value)


async def opened(store: Store) -> Item:
    (item,) = await store.queue.open_items()
    assert item.kind == ItemKind.APPEAL
    return item


async def messages(store: Store) -> list[tuple[str, bytes]]:
    return [(row.topic, row.value) for row in await store.outbox.unsent(100)]


async def test_whoever_decided_does_not_answer_the_appeal(
    store: Store, ada: Account, ben: Account
) -> None:
    contested = await removed_by(store, ada)
    await store.appeals.record([appeal(contested)])
    item = await opened(store)

    assert await store.queue.open_items(ada) == []
    with pytest.raises(BarredError):
        await store.queue.claim(item.verdict_id, ada)
    seen = await store.queue.view(item.verdict_id, ben)
    assert seen.appeal
    assert seen.appeal.statement == "It was a joke among friends."
    assert [(past.kind, past.action) for past in seen.earlier] == [("first", "remove")]


async def test_a_reversal_puts_the_verdict_right_in_one_step(
    store: Store, ada: Account, ben: Account
) -> None:
    contested = await removed_by(store, ada)
    sent = appeal(contested)
    await store.appeals.record([sent])
    decision = await decide(store, (await opened(store)).verdict_id, ben, ALLOW)

    (first, second) = (await messages(store))[2:]
    assert (first[0], second[0]) == ("review-decisions", "verdicts")
    assert ReviewDecision.from_bytes(first[1]) == decision
    assert (decision.origin, decision.reverses) == (DecisionOrigin.APPEAL, contested.verdict_id)
    assert decision.verdict_id == escalation().verdict.verdict_id
    assert decision.machine_action is Action.REVIEW
    right = Verdict.from_bytes(second[1])
    assert (right.source, right.action) == (VerdictSource.HUMAN, Action.ALLOW)
    assert right.verdict_id != contested.verdict_id
    assert (await store.appeals.get(sent.appeal_id)).state == AppealState.REVERSED


async def test_a_reversal_takes_the_strike_off_the_author_and_lifts_the_statement(
    store: Store, ada: Account, ben: Account
) -> None:
    contested = await removed_by(store, ada)
    await store.statements.record([contested])
    await store.appeals.record([appeal(contested)])
    await decide(store, (await opened(store)).verdict_id, ben, ALLOW)

    author, of_post = AuthorState(), PostState()
    strikes = []
    verdicts = [Verdict.from_bytes(v) for topic, v in await messages(store) if topic == "verdicts"]
    decisions = [
        ReviewDecision.from_bytes(v) for topic, v in await messages(store) if topic != "verdicts"
    ]
    for event in (
        VerdictSeen.of(escalation().verdict),
        *(VerdictSeen.of(each) for each in verdicts),
        *(DecisionSeen.of(each) for each in decisions),
    ):
        step = reduce(author, of_post, event)
        author, of_post = step.author, step.post
        strikes.append((author.strikes, author.removals))
    assert max(strikes) > (0, 0)
    assert strikes[-1] == (0, 0)
    assert (await store.statements.record(verdicts)).lifted == 1


async def test_an_appeal_in_vain_is_answered_and_changes_no_verdict(
    store: Store, ada: Account, ben: Account
) -> None:
    contested = await removed_by(store, ada)
    sent = appeal(contested)
    await store.appeals.record([sent])
    decision = await decide(store, (await opened(store)).verdict_id, ben, REMOVE)

    assert [topic for topic, _ in (await messages(store))[2:]] == ["review-decisions"]
    assert (decision.origin, decision.reverses) == (DecisionOrigin.APPEAL, None)
    row = await store.appeals.get(sent.appeal_id)
    assert (row.state, row.decision_id) == (AppealState.UPHELD, decision.decision_id)


async def test_a_verdict_that_no_person_has_seen_can_be_contested(
    store: Store, ada: Account
) -> None:
    confined = MACHINE.model_copy(update={"age_gate": 18, "geo_limit": ("DE",)})
    await store.appeals.record([appeal(confined)])
    decision = await decide(store, (await opened(store)).verdict_id, ada, ALLOW)

    assert (decision.verdict_id, decision.machine_action) == (MACHINE.verdict_id, Action.REMOVE)
    right = Verdict.from_bytes((await messages(store))[1][1])
    assert (right.action, right.age_gate, right.geo_limit) == (Action.ALLOW, None, ())


async def test_lifting_an_age_limit_is_a_reversal_too(store: Store, ada: Account) -> None:
    gated = verdict(post(), action=Action.ALLOW, age_gate=18)
    await store.appeals.record([appeal(gated)])
    decision = await decide(store, (await opened(store)).verdict_id, ada, ALLOW)
    assert decision.reverses == gated.verdict_id


async def test_an_appeal_ends_the_review_that_is_still_open(store: Store, ada: Account) -> None:
    await store.intake.record([escalation(action=Action.REMOVE)])
    await store.appeals.record([appeal(MACHINE)])
    item = await opened(store)
    assert item.subject == MACHINE.verdict_id
    await decide(store, item.verdict_id, ada, LIMIT)
    assert (await store.queue.item(MACHINE.verdict_id)).state == "superseded"


async def test_an_appeal_comes_in_once_and_a_verdict_is_contested_once(store: Store) -> None:
    sent = appeal(MACHINE)
    first = await store.appeals.record([sent, sent])
    other = sent.model_copy(update={"appeal_id": uuid4()})
    second = await store.appeals.record([other])
    assert (first.opened, first.repeated, second.repeated) == (1, 1, 1)
    with pytest.raises(AppealNotFoundError, match="contested once"):
        await store.appeals.get(other.appeal_id)


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        pytest.param(
            appeal(MACHINE, submitted_at=MACHINE.decided_at + APPEAL_WINDOW + timedelta(days=1)),
            Refusal.LATE,
            id="late",
        ),
        pytest.param(appeal(MACHINE, post("other")), Refusal.MISMATCH, id="another post"),
        pytest.param(
            appeal(MACHINE, post(op=Op.DELETE, text=None)), Refusal.GONE, id="withdrawn post"
        ),
    ],
)
async def test_what_cannot_be_decided_is_refused_with_the_reason(
    store: Store, sent: Appeal, refusal: Refusal
) -> None:
    count = await store.appeals.record([sent])
    assert (count.opened, count.refused) == (0, 1)
    assert await store.queue.open_items() == []
    (row,) = await store.appeals.newest(state=AppealState.REFUSED)
    assert (row.refused_because, row.statement) == (refusal, None)


async def test_six_months_later_it_is_still_in_time(store: Store) -> None:
    late = appeal(MACHINE, submitted_at=MACHINE.decided_at + APPEAL_WINDOW)
    assert (await store.appeals.record([late])).opened == 1


async def test_an_edit_leaves_the_appeal_open_and_a_withdrawal_ends_and_erases_it(
    store: Store,
) -> None:
    sent = appeal(MACHINE)
    await store.appeals.record([sent])
    await store.changes.record([verdict(post(revision=2))])
    await opened(store)
    gone = post(op=Op.DELETE, text=None, revision=3)
    await store.changes.record([verdict(gone, status=VerdictStatus.WITHDRAWN)])
    assert await store.queue.open_items() == []
    row = await store.appeals.get(sent.appeal_id)
    assert (row.state, row.statement) == (AppealState.ENDED, None)


async def test_an_undone_answer_leaves_the_appeal_open(store: Store, ada: Account) -> None:
    sent = appeal(MACHINE)
    await store.appeals.record([sent])
    item = await opened(store)
    await decide(store, item.verdict_id, ada, ALLOW)
    await store.undoing.undo(item.verdict_id, ada)
    assert (await store.appeals.get(sent.appeal_id)).state == AppealState.OPEN
    assert await messages(store) == []


async def test_the_authors_data_holds_appeals_and_erasing_it_forgets_the_words(
    store: Store,
) -> None:
    sent = appeal(MACHINE)
    await store.appeals.record([sent])
    held = await store.author_data.export("author-1")
    assert [each["statement"] for each in held["appeals"]] == [sent.statement]
    await store.erasure.erase_author("author-1")
    row = await store.appeals.get(sent.appeal_id)
    assert row.statement is None
    assert row.author_id.startswith("erased-")
    assert row.post_id.startswith("erased-")
    assert (await store.author_data.export("author-1"))["appeals"] == []

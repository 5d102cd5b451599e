"""A decision closes the item and fills the outbox, all or nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DatabaseError

from schemas import (
    Action,
    Media,
    Modality,
    NotScanned,
    NotScannedReason,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
    content_hash,
)
from tests.workers.review.conftest import LEASE, Store
from tests.workers.review.samples import escalation, post
from workers.review.errors import ItemClosedError, MissingCategoryError
from workers.review.store import Account, Choice, OutboxRow
from workers.review.store.audit_table import AuditRow

ITEM = escalation().verdict.verdict_id
REMOVE = Choice(Action.REMOVE, ("toxicity", "hate"), "Names a person.")


async def decided(store: Store, account: Account, choice: Choice = REMOVE) -> ReviewDecision:
    await store.intake.record([escalation()])
    claim = await store.queue.claim(ITEM, account)
    store.clock.advance(timedelta(seconds=30))
    return await store.decisions.decide(ITEM, account, claim.number, choice)


async def outbox(store: Store) -> dict[str, bytes]:
    return {row.topic: row.value for row in await store.outbox.unsent(10)}


async def test_the_decision_and_the_human_verdict_are_in_the_outbox(
    store: Store, ada: Account
) -> None:
    decision = await decided(store, ada)

    written = await outbox(store)
    assert ReviewDecision.from_bytes(written["review-decisions"]) == decision
    verdict = Verdict.from_bytes(written["verdicts"])
    assert (verdict.source, verdict.action) == (VerdictSource.HUMAN, Action.REMOVE)
    assert (verdict.post_id, verdict.revision) == ("p-1", 1)
    assert verdict.verdict_id != ITEM
    assert [reason.category for reason in verdict.reasons] == ["toxicity", "hate"]
    assert verdict.timings.stages == {"review": 30.0}
    assert verdict.timings.record_age == 30.25


async def test_the_note_and_the_login_name_stay_in_house(store: Store, ada: Account) -> None:
    decision = await decided(store, ada)
    written = await outbox(store)

    assert decision.reviewer == ada.pseudonym
    assert decision.reviewer.startswith("reviewer-")
    assert all(b'"ada"' not in value for value in written.values())
    assert b"Names a person" not in written["verdicts"]


async def test_the_decision_names_the_content_that_the_reviewer_saw(
    store: Store, ada: Account
) -> None:
    decision = await decided(store, ada)
    assert decision.content_hash == content_hash(escalation().post) is not None


async def test_a_decision_on_content_that_was_not_all_seen_names_none(
    store: Store, ada: Account
) -> None:
    unseen = NotScanned(modality=Modality.IMAGE, reason=NotScannedReason.MISSING)
    decision = await decided(store, ada, Choice(Action.ALLOW, unseen=(unseen,)))
    assert decision.content_hash is None


async def test_a_decision_sent_twice_is_taken_once(store: Store, ada: Account) -> None:
    first = await decided(store, ada)
    again = await store.decisions.decide(ITEM, ada, 1, Choice(Action.ALLOW))

    assert again == first
    assert await store.outbox.pending() == 2


async def test_a_decided_item_cannot_be_decided_by_another(
    store: Store, ada: Account, ben: Account
) -> None:
    await decided(store, ada)
    with pytest.raises(ItemClosedError, match="has been decided"):
        await store.decisions.decide(ITEM, ben, 1, Choice(Action.ALLOW))


async def test_a_late_decision_counts_while_nobody_else_has_claimed(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation()])
    claim = await store.queue.claim(ITEM, ada)
    store.clock.advance(LEASE * 3)

    decision = await store.decisions.decide(ITEM, ada, claim.number, Choice(Action.ALLOW))
    assert decision.action is Action.ALLOW


async def test_a_restriction_needs_a_category(store: Store, ada: Account) -> None:
    with pytest.raises(MissingCategoryError, match="at least one category"):
        await decided(store, ada, Choice(Action.REMOVE))
    assert await store.outbox.pending() == 0


@pytest.mark.sqlite_only
async def test_when_the_outbox_cannot_be_written_nothing_is_decided(
    store: Store, ada: Account
) -> None:
    async with store.database.writing() as session:
        await session.execute(
            text(
                "CREATE TRIGGER full BEFORE INSERT ON outbox WHEN NEW.topic = 'verdicts' "
                "BEGIN SELECT RAISE(ABORT, 'disk full'); END"
            )
        )
    with pytest.raises(DatabaseError, match="disk full"):
        await decided(store, ada)

    assert (await store.queue.item(ITEM)).state == "open"
    assert await store.outbox.pending() == 0
    async with store.database.reading() as session:
        decide_rows = await session.scalar(
            select(func.count()).select_from(AuditRow).where(AuditRow.event == "decide")
        )
    assert decide_rows == 0


async def test_what_nobody_has_seen_stays_listed_in_the_human_verdict(
    store: Store, ada: Account
) -> None:
    unreachable = NotScanned(modality=Modality.IMAGE, reason=NotScannedReason.UNREACHABLE)
    too_long = NotScanned(modality=Modality.TEXT, reason=NotScannedReason.TRUNCATED)
    of = post(images=(Media(url="https://example.org/a.png"),))
    await store.intake.record(
        [escalation(of, status=VerdictStatus.DEGRADED, not_scanned=(unreachable, too_long))]
    )
    claim = await store.queue.claim(ITEM, ada)
    choice = Choice(Action.ALLOW, unseen=(unreachable,))
    await store.decisions.decide(ITEM, ada, claim.number, choice)

    verdict = Verdict.from_bytes((await outbox(store))["verdicts"])
    assert verdict.status is VerdictStatus.DEGRADED
    assert verdict.not_scanned == (unreachable,)


async def test_a_verdict_is_complete_once_a_person_has_seen_all_of_it(
    store: Store, ada: Account
) -> None:
    broken = NotScanned(modality=Modality.AUDIO, reason=NotScannedReason.MODEL_FAILED)
    await store.intake.record([escalation(status=VerdictStatus.DEGRADED, not_scanned=(broken,))])
    claim = await store.queue.claim(ITEM, ada)
    await store.decisions.decide(ITEM, ada, claim.number, Choice(Action.ALLOW))

    verdict = Verdict.from_bytes((await outbox(store))["verdicts"])
    assert (verdict.status, verdict.not_scanned) == (VerdictStatus.COMPLETE, ())
    assert set(verdict.modalities) == {Modality.TEXT, Modality.AUDIO}


async def test_marked_rows_are_not_sent_again(store: Store, ada: Account) -> None:
    await decided(store, ada)
    rows = await store.outbox.unsent(1)
    await store.outbox.mark_sent(rows)

    left = await store.outbox.unsent(10)
    assert [row.topic for row in left] == ["verdicts"]
    async with store.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 2

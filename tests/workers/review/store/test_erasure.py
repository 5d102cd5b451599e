"""Content goes at once when its post is withdrawn, and otherwise when its time is over."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from schemas import Action, Op, Post, Verdict, VerdictStatus, content_hash
from tests.workers.review.conftest import KEEP, Store
from tests.workers.review.samples import NOON, escalation, post, verdict
from workers.review.errors import ContentErasedError, ItemClosedError
from workers.review.store import Account, Choice, Item
from workers.review.store.audit_table import AuditRow
from workers.review.store.erasure import EDITS_NOTED_FOR, WITHDRAWALS_NOTED_FOR
from workers.review.store.tables import Content, Decision, PostChange

ITEM = escalation().verdict.verdict_id
WORD = "muppet"  # of the sample's text


def withdrawal(revision: int = 1, **changes: Any) -> Verdict:
    gone = post(revision=revision, op=Op.DELETE, text=None)
    fields: dict[str, Any] = {"status": VerdictStatus.WITHDRAWN, "action": Action.ALLOW}
    return verdict(gone, **(fields | changes))


async def item(store: Store, verdict_id: UUID = ITEM) -> Item:
    return await store.queue.item(verdict_id)


async def kept(store: Store) -> set[str]:
    """Posts whose content is in the database."""
    async with store.database.reading() as session:
        found = await session.scalars(
            select(Item.post_id).join(Content, Content.verdict_id == Item.verdict_id)
        )
        return set(found.all())


async def decide(store: Store, account: Account, verdict_id: UUID = ITEM) -> None:
    claim = await store.queue.claim(verdict_id, account)
    choice = Choice(Action.REMOVE, ("toxicity",), f"Calls somebody a {WORD}.")
    await store.decisions.decide(verdict_id, account, claim.number, choice)


async def test_a_withdrawn_post_leaves_the_queue_and_only_its_hash_stays(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation(), escalation(post("other"))])
    claim = await store.queue.claim(ITEM, ada)

    count = await store.changes.record([withdrawal()])

    assert count.erased == 1
    assert [open_.post_id for open_ in await store.queue.open_items()] == ["other"]
    gone = await item(store)
    assert (gone.state, gone.erased_because, gone.erased_at) == ("withdrawn", "withdrawn", NOON)
    assert gone.content_hash == content_hash(post())
    assert await kept(store) == {"other"}
    with pytest.raises(ContentErasedError):
        await store.queue.content(ITEM)
    with pytest.raises(ItemClosedError, match="withdrawn by its author"):
        await store.decisions.decide(ITEM, ada, claim.number, Choice(Action.ALLOW))


async def test_a_revision_that_was_overtaken_takes_nothing_of_the_post_away(store: Store) -> None:
    await store.intake.record([escalation(post(revision=3))])
    count = await store.changes.record(
        [
            withdrawal(revision, superseded_by=3, decided_at=NOON + timedelta(1))
            for revision in (1, 2)
        ]
    )
    assert count.erased == 0
    assert [open_.revision for open_ in await store.queue.open_items()] == [3]


async def test_of_a_decided_post_that_is_withdrawn_the_decision_stays(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation()])
    await decide(store, ada)
    await store.changes.record([withdrawal(revision=2)])

    assert (await item(store)).state == "decided"
    assert await kept(store) == set()
    async with store.database.reading() as session:
        decision = (await session.scalars(select(Decision))).one()
    assert (decision.action, decision.categories, decision.note) == ("remove", ["toxicity"], None)
    assert await store.outbox.pending() == 2, "what Kafka has yet to get is still sent"


async def test_a_withdrawal_without_a_revision_of_its_own_covers_what_was_before_it(
    store: Store,
) -> None:
    await store.intake.record([escalation(post(revision=3))])
    await store.changes.record([withdrawal(decided_at=NOON + timedelta(minutes=1))])
    assert await kept(store) == set()


async def test_an_escalation_that_is_read_after_the_withdrawal_is_never_kept(store: Store) -> None:
    await store.changes.record([withdrawal(revision=2)])
    await store.intake.record([escalation()])

    assert await store.queue.open_items() == []
    assert (await item(store)).state == "withdrawn"
    assert await kept(store) == set()


async def test_a_post_that_comes_back_after_its_withdrawal_is_an_item_again(store: Store) -> None:
    await store.changes.record([withdrawal(revision=2)])
    again = escalation(post(revision=3), escalated_at=NOON + timedelta(hours=1))
    await store.intake.record([again])
    assert await kept(store) == {"p-1"}


@pytest.mark.parametrize("verdict_first", [True, False])
async def test_an_edit_that_the_machine_allows_supersedes_the_open_item(
    store: Store, verdict_first: bool
) -> None:
    edited = verdict(post(revision=2), action=Action.ALLOW)
    if verdict_first:
        await store.changes.record([edited])
    await store.intake.record([escalation()])
    if not verdict_first:
        assert (await store.changes.record([edited])).superseded == 1

    assert (await item(store)).state == "superseded"
    assert await store.queue.open_items() == []


async def test_the_verdict_on_an_items_own_revision_changes_nothing(store: Store) -> None:
    own = escalation(post(revision=2))
    await store.intake.record([own])
    await store.changes.record([own.verdict, verdict(post(revision=1))])
    assert [open_.revision for open_ in await store.queue.open_items()] == [2]


async def test_content_expires_at_its_time_and_not_a_second_before(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation(post("undecided")), escalation()])
    await decide(store, ada)
    store.clock.advance(timedelta(hours=1))
    await store.intake.record([escalation(post("fresh"))])

    store.clock.advance(KEEP - timedelta(hours=1, seconds=1))
    assert await store.erasure.expire() == 0
    assert await kept(store) == {"p-1", "undecided", "fresh"}

    store.clock.advance(timedelta(seconds=1))
    assert await store.erasure.expire() == 2
    assert await kept(store) == {"fresh"}
    assert (await item(store)).state == "decided"
    undecided = await item(store, escalation(post("undecided")).verdict.verdict_id)
    assert (undecided.state, undecided.erased_because) == ("expired", "expired")
    assert await store.erasure.expire() == 0


async def test_sent_records_of_what_expired_go_too(store: Store, ada: Account) -> None:
    await store.intake.record([escalation()])
    await decide(store, ada)
    await store.outbox.mark_sent(await store.outbox.unsent(1))
    store.clock.advance(KEEP)
    await store.erasure.expire()

    left = await store.outbox.unsent(10)
    assert [row.topic for row in left] == ["verdicts"]
    await store.outbox.mark_sent(left)
    await store.erasure.expire()
    assert await store.outbox.count() == 0


async def test_notes_on_posts_are_forgotten_when_nothing_can_need_them(store: Store) -> None:
    async def noted() -> set[str]:
        async with store.database.reading() as session:
            return set((await session.scalars(select(PostChange.post_id))).all())

    await store.changes.record([withdrawal(), verdict(post("edited", revision=2))])
    store.clock.advance(EDITS_NOTED_FOR)
    await store.erasure.expire()
    assert await noted() == {"p-1"}
    store.clock.advance(WITHDRAWALS_NOTED_FOR)
    await store.erasure.expire()
    assert await noted() == set()


@pytest.mark.sqlite_only
async def test_what_is_erased_is_in_no_file_of_the_database(store: Store, tmp_path: Path) -> None:
    def holds_the_word() -> list[str]:
        return [file.name for file in tmp_path.iterdir() if WORD.encode() in file.read_bytes()]

    await store.intake.record([escalation()])
    assert holds_the_word()
    await store.changes.record([withdrawal()])
    assert holds_the_word() == []


def by(author: str, post_id: str) -> Post:
    return post(post_id, author_id=author)


async def test_erasing_an_author_leaves_decisions_without_a_name(
    store: Store, ada: Account
) -> None:
    await store.intake.record(
        [escalation(by("eve", "e-1")), escalation(by("eve", "e-2")), escalation(by("mia", "m-1"))]
    )
    decided = escalation(by("eve", "e-1")).verdict.verdict_id
    await decide(store, ada, decided)

    assert await store.erasure.erase_author("eve") == 2
    assert await kept(store) == {"m-1"}
    gone = await item(store, decided)
    assert (gone.state, gone.erased_because) == ("decided", "author")
    assert gone.author_id.startswith("erased-")
    assert gone.post_id.startswith("erased-")
    assert (await store.author_data.export("eve"))["items"] == []
    assert await store.erasure.erase_author("eve") == 0


async def test_an_export_holds_content_and_decision_and_names_no_reviewer(
    store: Store, ada: Account
) -> None:
    await store.intake.record([escalation(by("eve", "e-1")), escalation(by("mia", "m-1"))])
    await decide(store, ada, escalation(by("eve", "e-1")).verdict.verdict_id)

    export = await store.author_data.export("eve")
    (held,) = export["items"]
    assert export["author_id"] == "eve"
    assert WORD in held["escalation"]["post"]["text"]
    assert held["decision"]["action"] == "remove"
    assert held["decision"]["reviewer"] == ada.pseudonym
    assert "ada" not in str(export).replace(ada.pseudonym, "")


async def test_exports_and_erasures_are_in_the_trail_without_the_author(store: Store) -> None:
    await store.intake.record([escalation(by("eve", "e-1"))])
    await store.author_data.export("eve")
    await store.erasure.erase_author("eve")

    async with store.database.reading() as session:
        rows = (await session.scalars(select(AuditRow).order_by(AuditRow.row_id))).all()
    events = [row.event for row in rows]
    assert events == ["export", "erase", "erase"]
    assert all("eve" not in str((row.origin, row.detail)) for row in rows)

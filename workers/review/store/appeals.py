"""Appeals come in: each becomes work for a reviewer who had no part in what is contested."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Action, Appeal, Escalation, Op, Verdict, VerdictSource, VerdictStatus
from workers.review.clock import Clock
from workers.review.errors import AppealNotFoundError
from workers.review.store.appeal_table import AppealRow, AppealState
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.changes import OF_A_REVISION, is_withdrawn, lock_posts
from workers.review.store.database import Database
from workers.review.store.intake import new_item
from workers.review.store.item_rule_table import note_rules
from workers.review.store.tables import Content, Item, ItemKind, ItemState
from workers.review.store.webhooks import Event, tell

APPEAL_NAMESPACE: Final = UUID("5a2f0d94-6a3e-5c3b-9f5e-0f0f4f3f9f77")
APPEALS_QUEUE: Final = "appeals"
DECIDED_WITHIN: Final = timedelta(days=7)
"""DSA article 20 asks for "timely"; a week is what large platforms name."""
APPEAL_PRIORITY: Final = 4.0
"""Before what the machine merely doubts (1 and above by reach), behind what is grave."""


class Refusal(StrEnum):
    """Why an appeal is not taken in."""

    LATE = "late"  # the window has closed
    MISMATCH = "mismatch"  # verdict and post are not of the same post, revision and author
    GONE = "gone"  # the post was withdrawn


@dataclass(frozen=True, slots=True)
class AppealCount:
    """What a batch of appeals did."""

    opened: int = 0
    repeated: int = 0
    refused: int = 0


class Appeals:
    """Takes appeals in; the same appeal again changes nothing.

    Args:
        database: where they are kept.
        audit: told of every appeal.
        clock: the time.
        window: how long after a verdict it can be contested.
    """

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, *, window: timedelta
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._window = window

    async def record(self, appeals: Sequence[Appeal]) -> AppealCount:
        """Take a batch in, in one transaction."""
        count = AppealCount()
        async with self._database.writing() as session:
            await lock_posts(session, {appeal.verdict.post_id for appeal in appeals})
            for appeal in appeals:
                count = await self._record(session, appeal, count)
        return count

    async def get(self, appeal_id: UUID) -> AppealRow:
        """One appeal.

        Raises:
            AppealNotFoundError: there is none under this id, or it repeats an earlier one.
        """
        async with self._database.reading() as session:
            row = await session.get(AppealRow, appeal_id)
        if row is None:
            raise AppealNotFoundError(
                f"There is no appeal {appeal_id}. A verdict can be contested once; ask for the "
                f"first appeal against it."
            )
        return row

    async def newest(
        self, *, state: AppealState | None = None, limit: int = 50, offset: int = 0
    ) -> Sequence[AppealRow]:
        """Appeals, the newest first."""
        wanted = select(AppealRow).order_by(AppealRow.received_at.desc(), AppealRow.appeal_id)
        if state is not None:
            wanted = wanted.where(AppealRow.state == state)
        async with self._database.reading() as session:
            return (await session.scalars(wanted.limit(limit).offset(offset))).all()

    async def _record(
        self, session: AsyncSession, appeal: Appeal, count: AppealCount
    ) -> AppealCount:
        known = select(AppealRow.appeal_id).where(
            (AppealRow.appeal_id == appeal.appeal_id)
            | (AppealRow.contested == appeal.verdict.verdict_id)
        )
        if await session.scalar(known.limit(1)) is not None:
            return replace(count, repeated=count.repeated + 1)
        refusal = await self._refusal(session, appeal)
        item = None if refusal else await self._open(session, appeal)
        session.add(_row(appeal, item, refusal, self._clock()))
        await session.flush()
        self._audit.add(
            session,
            AuditEvent.APPEAL,
            verdict_id=item.verdict_id if item else None,
            detail={"appeal": str(appeal.appeal_id), "state": refusal or AppealState.OPEN},
        )
        await tell(
            session,
            Event.APPEAL_REFUSED if refusal else Event.APPEAL_OPENED,
            appeal.appeal_id,
            _outside(appeal, refusal),
            at=self._clock(),
            due_at=self._clock(),
        )
        if refusal:
            return replace(count, refused=count.refused + 1)
        return replace(count, opened=count.opened + 1)

    async def _refusal(self, session: AsyncSession, appeal: Appeal) -> Refusal | None:
        verdict, post = appeal.verdict, appeal.post
        if (verdict.post_id, verdict.revision, verdict.author_id) != (
            post.post_id,
            post.revision,
            post.author_id,
        ):
            return Refusal.MISMATCH
        if appeal.submitted_at > verdict.decided_at + self._window:
            return Refusal.LATE
        gone = verdict.status is VerdictStatus.WITHDRAWN or post.op is Op.DELETE
        if gone or await is_withdrawn(session, post.post_id, post.revision, verdict.decided_at):
            return Refusal.GONE
        return None

    async def _open(self, session: AsyncSession, appeal: Appeal) -> Item:
        """Add the item, which is due sooner than what else is open on the revision, and ends it."""
        verdict, now = appeal.verdict, self._clock()
        first: Item | None = await session.scalar(
            select(Item)
            .where(
                Item.post_id == verdict.post_id,
                Item.revision == verdict.revision,
                Item.kind == ItemKind.FIRST,
            )
            .order_by(Item.escalated_at.desc())
            .limit(1)
        )
        await session.execute(
            update(Item)
            .where(
                Item.post_id == verdict.post_id,
                Item.revision == verdict.revision,
                Item.state == ItemState.OPEN,
                Item.kind.in_(OF_A_REVISION),
            )
            .values(state=ItemState.SUPERSEDED, closed_at=now, lease_until=None)
        )
        escalation = Escalation(
            verdict=verdict,
            post=appeal.post,
            queue=APPEALS_QUEUE,
            priority=APPEAL_PRIORITY,
            escalated_at=appeal.submitted_at,
            due_at=appeal.submitted_at + DECIDED_WITHIN,
        )
        item = new_item(escalation, ItemState.OPEN, now)
        item.verdict_id = uuid5(APPEAL_NAMESPACE, str(appeal.appeal_id))
        item.cluster = item.verdict_id
        item.kind = ItemKind.APPEAL
        item.subject = first.subject if first else verdict.verdict_id
        item.machine_action = first.machine_action if first else _machine_action(verdict)
        item.severity = first.severity if first else None
        session.add(item)
        if first is None:
            await note_rules(session, item.subject, verdict)
        await session.flush()
        session.add(Content(verdict_id=item.verdict_id, escalation=escalation.to_bytes().decode()))
        return item


async def appeal_on(session: AsyncSession, item: Item) -> AppealRow | None:
    """The appeal that the item decides."""
    if item.kind != ItemKind.APPEAL:
        return None
    found: AppealRow | None = await session.scalar(
        select(AppealRow).where(AppealRow.item_id == item.verdict_id)
    )
    return found


async def settle(
    session: AsyncSession, item: Item, *, decision_id: UUID, decided_at: datetime, changed: bool
) -> None:
    """Note what became of the appeal that the item decides."""
    appeal = await appeal_on(session, item)
    if appeal is None:
        raise LookupError(f"no appeal belongs to item {item.verdict_id}")
    appeal.state = AppealState.REVERSED if changed else AppealState.UPHELD
    appeal.decided_at, appeal.decision_id = decided_at, decision_id


async def reopen(session: AsyncSession, item: Item) -> None:
    """Note that the decision on the appeal was undone, if the item is one."""
    appeal = await appeal_on(session, item)
    if appeal is not None:
        appeal.state, appeal.decided_at, appeal.decision_id = AppealState.OPEN, None, None


def _machine_action(verdict: Verdict) -> Action:
    """What the machine said: of a person's verdict it is what the model had made of the post."""
    if verdict.source is VerdictSource.MACHINE:
        return verdict.action
    return verdict.model_action or Action.REVIEW


def _row(appeal: Appeal, item: Item | None, refusal: Refusal | None, now: datetime) -> AppealRow:
    verdict = appeal.verdict
    return AppealRow(
        appeal_id=appeal.appeal_id,
        item_id=item.verdict_id if item else None,
        contested=verdict.verdict_id,
        post_id=verdict.post_id,
        revision=verdict.revision,
        author_id=verdict.author_id,
        statement=None if refusal else appeal.statement,
        state=AppealState.REFUSED if refusal else AppealState.OPEN,
        refused_because=refusal,
        submitted_at=appeal.submitted_at,
        received_at=now,
        decided_at=now if refusal else None,
    )


def _outside(appeal: Appeal, refusal: Refusal | None) -> dict[str, object]:
    """What webhooks are told of an appeal that came in."""
    return {
        "appeal_id": str(appeal.appeal_id),
        "verdict_id": str(appeal.verdict.verdict_id),
        "post_id": appeal.verdict.post_id,
        "revision": appeal.verdict.revision,
        "refused_because": refusal,
    }

"""A reviewer decides: the item closes and records for Kafka are written, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import TOPICS, Action, Escalation, Message, NotScanned, ReviewDecision, Topic
from workers.review.clock import Clock
from workers.review.errors import MissingCategoryError
from workers.review.store.appeals import appeal_on
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.consequences import RESTRICTIONS, Consequences
from workers.review.store.contents import kept_content, load_content
from workers.review.store.database import Database
from workers.review.store.human_verdict import Choice, decision_id, review_decision
from workers.review.store.item_rule_table import live_rules
from workers.review.store.items import held_item
from workers.review.store.tables import Account, Decision, Item, ItemState, OutboxRow
from workers.review.store.together import (
    ALONE,
    Alike,
    claim_with,
    load_with_mates,
    seen_with,
    separate,
)
from workers.review.store.traces import Traces
from workers.review.store.webhooks import Event, tell

KEPT_IN_HOUSE: Final = frozenset({"reviewer", "note", "claimed_at", "bank_words"})
"""What webhooks are not told of a decision: who took it, what colleagues write, what banks hold."""


class Decisions:
    """Takes decisions. The same decision sent twice is taken once and answered twice.

    Args:
        database: where the items are.
        audit: told of every decision.
        clock: the time.
        consequences: what follows from a decision.
        undo_within: how long a decision is held back, so that it can be undone.
        traces: told of every decision, while posts are traced.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        consequences: Consequences,
        *,
        undo_within: timedelta,
        traces: Traces | None = None,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._consequences = consequences
        self._undo_within = undo_within
        self._traces = traces

    async def decide(
        self,
        verdict_id: UUID,
        account: Account,
        claim_number: int,
        choice: Choice,
        alike: Alike = ALONE,
    ) -> ReviewDecision:
        """Close the item with the reviewer's choice, and what is ``alike`` with it.

        Item, decision, audit row and outbox rows are committed together, so what Kafka is told is
        exactly what the database says. Each item that is alike gets all of these of its own; what
        is no longer open, held by a colleague, or was not shown to the account is left as it is.

        Raises:
            MissingCategoryError: a restriction names no category.
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided by another claim, or obsolete.
            StaleClaimError: the claim is not the newest on the item.
            ContentErasedError: the content was erased meanwhile.
        """
        if choice.action in RESTRICTIONS and not choice.categories:
            raise MissingCategoryError(
                f"Choose at least one category that the post breaks (keys 1 to 8) before you "
                f"{choice.action} it; the author is told the reason."
            )
        async with self._database.writing() as session:
            # Locked first, so that of two equal requests at once the second finds the first's work.
            item, mates = await load_with_mates(session, verdict_id, alike)
            earlier = await _earlier(session, item, claim_number, account)
            if earlier is not None:
                return earlier
            item = await held_item(session, verdict_id, account, claim_number)
            escalation = await load_content(session, item)
            separate(mates, alike)
            seen = await seen_with(session, item, mates, account)
            covered = claim_with(item, seen, alike, account, self._clock())
            group = decision_id(item.verdict_id, claim_number) if covered else None
            decision = await self._take(session, item, escalation, account, choice, group=group)
            for mate in covered:
                content = await load_content(session, mate)
                own = _own_choice(choice, content, alike.decided[mate.verdict_id])
                await self._take(session, mate, content, account, own, group=group)
            return decision

    async def covered_by(self, decision: ReviewDecision) -> Sequence[UUID]:
        """The other items that were decided with one."""
        wanted = (
            select(Decision.verdict_id)
            .where(
                Decision.together == decision.decision_id,
                Decision.decision_id != decision.decision_id,
            )
            .order_by(Decision.verdict_id)
        )
        async with self._database.reading() as session:
            return (await session.scalars(wanted)).all()

    async def _take(
        self,
        session: AsyncSession,
        item: Item,
        escalation: Escalation,
        account: Account,
        choice: Choice,
        *,
        group: UUID | None,
    ) -> ReviewDecision:
        now = self._clock()
        decision = review_decision(item, escalation, account, choice, now)
        item.state, item.closed_at, item.lease_until = ItemState.DECIDED, now, None
        row = _row(decision, item, escalation, account, choice.clause)
        row.together = group
        session.add(row)
        await session.flush()  # the outbox rows refer to the decision
        told = await self._consequences.of(session, item, escalation.verdict, decision, choice)
        if told is not None:
            decision = told.decision
            self._send(session, TOPICS.review_decisions, decision, decision)
            if told.verdict is not None:
                self._send(session, TOPICS.verdicts, told.verdict, decision)
            await self._tell_webhooks(session, item, decision)
        if self._traces is not None:
            await self._traces.decided(session, decision)
        self._audit.add(
            session,
            AuditEvent.DECIDE,
            actor=account,
            verdict_id=item.verdict_id,
            detail=_detail(item, choice, group),
        )
        return decision

    async def _tell_webhooks(
        self, session: AsyncSession, item: Item, decision: ReviewDecision
    ) -> None:
        data = decision.model_dump(mode="json", exclude=set(KEPT_IN_HOUSE))
        appeal = await appeal_on(session, item)
        event = Event.DECISION
        if appeal is not None:
            event = Event.APPEAL_DECIDED
            data |= {"appeal_id": str(appeal.appeal_id), "state": appeal.state}
        at = decision.decided_at
        due_at = at + self._undo_within
        await tell(session, event, decision.decision_id, data, at=at, due_at=due_at)

    def _send(
        self, session: AsyncSession, topic: Topic, message: Message, decision: ReviewDecision
    ) -> None:
        session.add(
            OutboxRow(
                decision_id=decision.decision_id,
                topic=topic.name,
                key=decision.post_id.encode(),
                value=message.to_bytes(),
                created_at=decision.decided_at,
                due_at=decision.decided_at + self._undo_within,
            )
        )


def _row(
    decision: ReviewDecision,
    item: Item,
    escalation: Escalation,
    account: Account,
    clause: str | None,
) -> Decision:
    return Decision(
        decision_id=decision.decision_id,
        verdict_id=item.verdict_id,
        account_id=account.account_id,
        claim_number=item.claim_number,
        action=decision.action,
        machine_action=decision.machine_action,
        categories=list(decision.categories),
        note=decision.note,
        clause=clause,
        model=escalation.verdict.versions.model,
        rules=live_rules(escalation.verdict),
        decided_at=decision.decided_at,
    )


def _own_choice(choice: Choice, escalation: Escalation, unseen: tuple[NotScanned, ...]) -> Choice:
    """The choice for an item that is alike: what was said of the other's verdict stays with it."""
    clause = choice.clause if choice.clause in live_rules(escalation.verdict) else None
    return replace(choice, bank_words=(), clause=clause, unseen=unseen)


def _detail(item: Item, choice: Choice, group: UUID | None) -> dict[str, str]:
    detail = {"action": str(choice.action), "claim": str(item.claim_number)}
    return detail if group is None else detail | {"together": str(group)}


async def _earlier(
    session: AsyncSession, item: Item, claim_number: int, account: Account
) -> ReviewDecision | None:
    """What the claim was decided as, if it was; as it was sent, where it was sent."""
    row = await session.get(Decision, decision_id(item.verdict_id, claim_number))
    if row is None or row.account_id != account.account_id:
        return None
    sent = await session.scalar(
        select(OutboxRow.value).where(
            OutboxRow.decision_id == row.decision_id,
            OutboxRow.topic == TOPICS.review_decisions.name,
        )
    )
    if sent is not None:
        return ReviewDecision.from_bytes(sent)
    content = await kept_content(session, item)
    if content is None:
        return None
    decided_at: datetime = row.decided_at
    choice = Choice(Action(row.action), tuple(row.categories), row.note)
    return review_decision(item, content, account, choice, decided_at)

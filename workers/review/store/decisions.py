"""A reviewer decides: the item closes and two records for Kafka are written, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import (
    TOPICS,
    Action,
    Escalation,
    Message,
    NotScanned,
    Reason,
    ReasonKind,
    ReviewDecision,
    Topic,
    Verdict,
    VerdictSource,
    VerdictStatus,
    content_hash,
    verdict_id,
)
from workers.review.clock import Clock
from workers.review.errors import MissingCategoryError
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.contents import load_content
from workers.review.store.database import Database
from workers.review.store.queue import held_item, load_item
from workers.review.store.tables import Account, Decision, Item, ItemState, OutboxRow

DECISION_NAMESPACE: Final = UUID("0b9d3c55-3c1c-5d0e-9a43-6f7f6a2d1c88")
"""Namespace of decision ids. Changing it would give every old decision a second identity."""

HUMAN_MODEL: Final = "human"
"""Stands where a machine verdict's id has its model version."""

RESTRICTIONS: Final = frozenset({Action.LIMIT, Action.REMOVE})


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reviewer chose. ``unseen`` lists the media that the console could not show."""

    action: Action
    categories: tuple[str, ...] = ()
    note: str | None = None
    unseen: tuple[NotScanned, ...] = ()


class Decisions:
    """Takes decisions. The same decision sent twice is taken once and answered twice."""

    def __init__(self, database: Database, audit: AuditTrail, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock

    async def decide(
        self, verdict_id: UUID, account: Account, claim_number: int, choice: Choice
    ) -> ReviewDecision:
        """Close the item with the reviewer's choice.

        Item, decision, audit row and outbox rows are committed together, so what Kafka is told is
        exactly what the database says.

        Raises:
            MissingCategoryError: a restriction names no category.
            ItemNotFoundError: there is no such item.
            ItemClosedError: it is decided by another claim, or obsolete.
            StaleClaimError: the claim is not the newest on the item.
        """
        if choice.action in RESTRICTIONS and not choice.categories:
            raise MissingCategoryError(
                f"Choose at least one category that the post breaks (keys 1 to 8) before you "
                f"{choice.action} it; the author is told the reason."
            )
        async with self._database.writing() as session:
            # Locked first, so that of two equal requests at once the second finds the first's work.
            await load_item(session, verdict_id, lock=True)
            earlier = await _earlier(session, verdict_id, claim_number, account)
            if earlier is not None:
                return earlier
            item = await held_item(session, verdict_id, account, claim_number)
            escalation = await load_content(session, item)
            decided_at = self._clock()
            decision = _decision(item, escalation, account, choice, decided_at)
            item.state, item.closed_at, item.lease_until = ItemState.DECIDED, decided_at, None
            session.add(_row(decision, account, claim_number))
            await session.flush()  # the outbox rows refer to the decision
            for topic, message in (
                (TOPICS.review_decisions, decision),
                (TOPICS.verdicts, human_verdict(escalation.verdict, decision, choice.unseen)),
            ):
                session.add(_outbox_row(topic, message, decision))
            self._audit.add(
                session,
                AuditEvent.DECIDE,
                actor=account,
                verdict_id=verdict_id,
                detail={"action": choice.action, "claim": str(claim_number)},
            )
        return decision


def decision_id(verdict_id: UUID, claim_number: int) -> UUID:
    """The id of the decision that ends a claim: a claim can end in one decision only."""
    return uuid5(DECISION_NAMESPACE, f"{verdict_id}:{claim_number}")


def human_verdict(
    machine: Verdict, decision: ReviewDecision, unseen: Sequence[NotScanned]
) -> Verdict:
    """The verdict that replaces the machine's on the same post revision.

    Its id follows from the decision's, so a repeated delivery is recognised as one. Scores and
    versions stay: they are what the reviewer was shown. What neither the machine nor the reviewer
    has seen stays listed, and the verdict degraded.
    """
    began = machine.decided_at.timestamp() - machine.timings.record_age
    unseen_pieces = {(piece.modality, piece.index) for piece in unseen}
    not_scanned = tuple(
        piece for piece in machine.not_scanned if (piece.modality, piece.index) in unseen_pieces
    )
    seen = {piece.modality for piece in machine.not_scanned} - {p.modality for p in not_scanned}
    reviewed_for = (decision.decided_at - decision.claimed_at).total_seconds()
    return machine.model_copy(
        update={
            "verdict_id": verdict_id(
                machine.post_id, machine.revision, HUMAN_MODEL, str(decision.decision_id)
            ),
            "source": VerdictSource.HUMAN,
            "status": VerdictStatus.DEGRADED if not_scanned else VerdictStatus.COMPLETE,
            "action": decision.action,
            "reasons": _human_reasons(decision),
            "rule_hits": (),
            "not_scanned": not_scanned,
            "modalities": tuple(sorted({*machine.modalities, *seen})),
            "timings": machine.timings.model_copy(
                update={
                    "record_age": max(0.0, decision.decided_at.timestamp() - began),
                    "stages": {"review": max(0.0, reviewed_for)},
                }
            ),
            "decided_at": decision.decided_at,
        }
    )


def _human_reasons(decision: ReviewDecision) -> tuple[Reason, ...]:
    # The reviewer's note stays out: it is for colleagues, and verdicts go to the platform.
    categories: Sequence[str | None] = decision.categories or (None,)
    return tuple(
        Reason(kind=ReasonKind.HUMAN, action=decision.action, category=category)
        for category in categories
    )


def _decision(
    item: Item,
    escalation: Escalation,
    account: Account,
    choice: Choice,
    decided_at: datetime,
) -> ReviewDecision:
    return ReviewDecision(
        decision_id=decision_id(item.verdict_id, item.claim_number),
        verdict_id=item.verdict_id,
        post_id=item.post_id,
        revision=item.revision,
        author_id=escalation.verdict.author_id,
        reviewer=account.pseudonym,
        action=choice.action,
        machine_action=escalation.verdict.action,
        categories=choice.categories,
        note=choice.note,
        content_hash=None if choice.unseen else content_hash(escalation.post),
        claimed_at=item.claimed_at or decided_at,
        decided_at=decided_at,
    )


def _row(decision: ReviewDecision, account: Account, claim_number: int) -> Decision:
    return Decision(
        decision_id=decision.decision_id,
        verdict_id=decision.verdict_id,
        account_id=account.account_id,
        claim_number=claim_number,
        action=decision.action,
        machine_action=decision.machine_action,
        categories=list(decision.categories),
        note=decision.note,
        decided_at=decision.decided_at,
    )


def _outbox_row(topic: Topic, message: Message, decision: ReviewDecision) -> OutboxRow:
    return OutboxRow(
        decision_id=decision.decision_id,
        topic=topic.name,
        key=decision.post_id.encode(),
        value=message.to_bytes(),
        created_at=decision.decided_at,
    )


async def _earlier(
    session: AsyncSession, verdict_id: UUID, claim_number: int, account: Account
) -> ReviewDecision | None:
    row = await session.get(Decision, decision_id(verdict_id, claim_number))
    if row is None or row.account_id != account.account_id:
        return None
    sent = await session.scalar(
        select(OutboxRow.value).where(
            OutboxRow.decision_id == row.decision_id,
            OutboxRow.topic == TOPICS.review_decisions.name,
        )
    )
    return None if sent is None else ReviewDecision.from_bytes(sent)

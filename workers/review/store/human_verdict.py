"""What Kafka is told of a decision: the decision itself, and the verdict that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from schemas import (
    Action,
    BankWord,
    DecisionOrigin,
    Escalation,
    NotScanned,
    Reason,
    ReasonKind,
    ReviewDecision,
    Verdict,
    VerdictSource,
    VerdictStatus,
    content_hash,
    verdict_id,
)
from workers.review.store.tables import Account, Item, ItemKind

DECISION_NAMESPACE: Final = UUID("0b9d3c55-3c1c-5d0e-9a43-6f7f6a2d1c88")
"""Namespace of decision ids. Changing it would give every old decision a second identity."""

HUMAN_MODEL: Final = "human"
"""Stands where a machine verdict's id has its model version."""

ORIGINS: Final = {
    ItemKind.SENIOR: DecisionOrigin.SENIOR,
    ItemKind.APPEAL: DecisionOrigin.APPEAL,
}
"""Of the kinds of work that speak to Kafka besides plain escalations."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reviewer chose. ``unseen`` lists the media that the console could not show.

    ``clause`` is the rule of the policy that a restriction rests on, of those that fired.
    """

    action: Action
    categories: tuple[str, ...] = ()
    note: str | None = None
    unseen: tuple[NotScanned, ...] = ()
    bank_words: tuple[BankWord, ...] = ()
    clause: str | None = None


def decision_id(item_id: UUID, claim_number: int) -> UUID:
    """The id of the decision that ends a claim: a claim can end in one decision only."""
    return uuid5(DECISION_NAMESPACE, f"{item_id}:{claim_number}")


def review_decision(
    item: Item, escalation: Escalation, account: Account, choice: Choice, decided_at: datetime
) -> ReviewDecision:
    """The decision on an item, as the topic ``review-decisions`` carries it."""
    return ReviewDecision(
        decision_id=decision_id(item.verdict_id, item.claim_number),
        # Of the machine, whoever decided in between: the ledger joins the two by it.
        verdict_id=item.subject,
        post_id=item.post_id,
        revision=item.revision,
        author_id=escalation.verdict.author_id,
        reviewer=account.pseudonym,
        action=choice.action,
        machine_action=Action(item.machine_action),
        categories=choice.categories,
        note=choice.note,
        bank_words=choice.bank_words,
        content_hash=None if choice.unseen else content_hash(escalation.post),
        origin=ORIGINS.get(ItemKind(item.kind), DecisionOrigin.REVIEW),
        claimed_at=item.claimed_at or decided_at,
        decided_at=decided_at,
    )


def human_verdict_id(post_id: str, revision: int, decision: UUID) -> UUID:
    """The id of the verdict that a decision makes, which follows from the decision's."""
    return verdict_id(post_id, revision, HUMAN_MODEL, str(decision))


def human_verdict(judged: Verdict, decision: ReviewDecision, choice: Choice) -> Verdict:
    """The verdict that replaces another, mostly the machine's, on the same post revision.

    Its id follows from the decision's, so a repeated delivery is recognised as one. Scores and
    versions stay: they are what the reviewer was shown. What neither the machine nor the reviewer
    has seen stays listed, and the verdict degraded. A reversal lifts limits by age and place, too.
    """
    began = judged.decided_at.timestamp() - judged.timings.record_age
    unseen_pieces = {(piece.modality, piece.index) for piece in choice.unseen}
    not_scanned = tuple(
        piece for piece in judged.not_scanned if (piece.modality, piece.index) in unseen_pieces
    )
    seen = {piece.modality for piece in judged.not_scanned} - {p.modality for p in not_scanned}
    reviewed_for = (decision.decided_at - decision.claimed_at).total_seconds()
    lifted = decision.reverses is not None and decision.action is Action.ALLOW
    return judged.model_copy(
        update={
            "verdict_id": human_verdict_id(judged.post_id, judged.revision, decision.decision_id),
            "source": VerdictSource.HUMAN,
            "status": VerdictStatus.DEGRADED if not_scanned else VerdictStatus.COMPLETE,
            "action": decision.action,
            "reasons": _reasons(decision, choice.clause),
            "rule_hits": (),
            "not_scanned": not_scanned,
            "modalities": tuple(sorted({*judged.modalities, *seen})),
            "timings": judged.timings.model_copy(
                update={
                    "record_age": max(0.0, decision.decided_at.timestamp() - began),
                    "stages": {"review": max(0.0, reviewed_for)},
                }
            ),
            "decided_at": decision.decided_at,
        }
        | ({"age_gate": None, "geo_limit": ()} if lifted else {})
    )


def _reasons(decision: ReviewDecision, clause: str | None) -> tuple[Reason, ...]:
    # The reviewer's note stays out: it is for colleagues, and verdicts go to the platform.
    categories: Sequence[str | None] = decision.categories or (None,)
    return tuple(
        Reason(kind=ReasonKind.HUMAN, action=decision.action, category=category, rule=clause)
        for category in categories
    )

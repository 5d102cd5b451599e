"""What the ledger keeps of a verdict or a decision on its way to the author's partition.

Verdicts and decisions are keyed by post, counts by author. In between, each record is cut down to
the few fields that counting needs and sent through an internal topic keyed by author.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas import Action, Message, ReviewDecision, Verdict, VerdictSource, VerdictStatus
from schemas.base import Identifier, Instant
from schemas.taxonomy import Category
from workers.ledger.campaigns import CampaignSeen

Revision = Annotated[int, Field(ge=1, le=2**53)]

NO_CATEGORY = "none"
"""Stands for a verdict that names no category, such as one by a rule on its own."""


class VerdictSeen(Message):
    """A verdict, as far as it counts."""

    kind: Literal["verdict"] = "verdict"
    verdict_id: UUID
    post_id: Identifier
    revision: Revision
    author_id: Identifier
    source: VerdictSource
    withdrawn: bool
    action: Action
    categories: tuple[Category, ...]
    """Those that carried the action, in the order of the reasons."""
    decided_at: Instant

    @classmethod
    def of(cls, verdict: Verdict) -> VerdictSeen:
        """Cut a verdict down."""
        carrying = (
            reason.category
            for reason in verdict.reasons
            if reason.category is not None and reason.action is verdict.action
        )
        return cls(
            verdict_id=verdict.verdict_id,
            post_id=verdict.post_id,
            revision=verdict.revision,
            author_id=verdict.author_id,
            source=verdict.source,
            withdrawn=verdict.status is VerdictStatus.WITHDRAWN,
            action=verdict.action,
            categories=tuple(dict.fromkeys(carrying)),
            decided_at=verdict.decided_at,
        )


class DecisionSeen(Message):
    """A reviewer's decision, as far as it counts."""

    kind: Literal["decision"] = "decision"
    decision_id: UUID
    post_id: Identifier
    revision: Revision
    author_id: Identifier
    action: Action
    machine_action: Action
    decided_at: Instant

    @classmethod
    def of(cls, decision: ReviewDecision) -> DecisionSeen:
        """Cut a decision down."""
        return cls(
            decision_id=decision.decision_id,
            post_id=decision.post_id,
            revision=decision.revision,
            author_id=decision.author_id,
            action=decision.action,
            machine_action=decision.machine_action,
            decided_at=decision.decided_at,
        )


LedgerEvent = VerdictSeen | DecisionSeen | CampaignSeen
"""What travels on the internal topic, keyed by ``author_id``."""

_ADAPTER: TypeAdapter[LedgerEvent] = TypeAdapter(
    Annotated[LedgerEvent, Field(discriminator="kind")]
)


def read_event(raw: bytes) -> LedgerEvent:
    """Read an event from the internal topic.

    Raises:
        pydantic.ValidationError: the bytes are no event.
    """
    return _ADAPTER.validate_json(raw)

"""What the ledger keeps of a verdict in the audit sample, and of what reviewers said of it.

A row is a register a verdict: the verdict as it was sampled, and the newest answer of each
reviewer. Rows do not depend on the order in which records come, nor on how often. Golden posts are
no part of it: they have no verdict on the topic ``verdicts`` that was drawn, and a decision on a
verdict that was not drawn enters no figure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, TypeAdapter

from schemas import (
    Action,
    Message,
    ReviewDecision,
    RuleHit,
    ShadowVerdict,
    Verdict,
    VerdictSource,
    VerdictStatus,
)
from schemas.base import Identifier, Instant, Name, Probability
from schemas.taxonomy import Category
from schemas.verdict import Version
from workers.audit_plan import primary_language

UNNAMED_STRATUM = "unnamed"
"""Of verdicts by a moderator that did not name strata; they all had one rate."""


class SampledVerdict(Message):
    """A verdict in the sample, without its post."""

    kind: Literal["sampled"] = "sampled"
    verdict_id: UUID
    stratum: Name
    probability: Annotated[float, Field(gt=0.0, le=1.0)]
    action: Action
    model_action: Action | None
    flagged: tuple[Category, ...]
    """Categories that asked for more than ``allow``."""
    scores: dict[Category, Probability]
    language: str
    rules: tuple[RuleHit, ...]
    policy: Version
    decided_at: Instant

    @classmethod
    def of(cls, verdict: Verdict) -> SampledVerdict | None:
        """Cut a verdict down; None when it is not in the sample."""
        sampling = verdict.sampling
        if (
            not sampling.sampled
            or sampling.inclusion_probability <= 0.0
            or verdict.source is not VerdictSource.MACHINE
            or verdict.status is VerdictStatus.WITHDRAWN
        ):
            return None
        flagged = (
            reason.category
            for reason in verdict.reasons
            if reason.category is not None and reason.action is not Action.ALLOW
        )
        return cls(
            verdict_id=verdict.verdict_id,
            stratum=sampling.stratum or UNNAMED_STRATUM,
            probability=sampling.inclusion_probability,
            action=verdict.action,
            model_action=verdict.model_action,
            flagged=tuple(sorted(set(flagged))),
            scores=verdict.scores,
            language=primary_language(verdict.language),
            rules=tuple(hit for hit in verdict.rule_hits if not hit.errored),
            policy=verdict.versions.policy,
            decided_at=verdict.decided_at,
        )

    @property
    def order(self) -> tuple[datetime, bytes]:
        """A total order; the first holds."""
        return self.decided_at, self.to_bytes()


class ShadowSeen(Message):
    """What another model would have said of a verdict of the sample."""

    kind: Literal["shadow"] = "shadow"
    verdict_id: UUID
    model: Version
    action: Action
    """By the other model; ``live_action`` by the one that judged. Both without quotas and without
    a reviewer's earlier word, so they differ by the models alone."""
    live_action: Action
    scores: dict[Category, Probability]
    decided_at: Instant

    @classmethod
    def of(cls, shadow: ShadowVerdict) -> ShadowSeen | None:
        """Cut a shadow verdict down; None when its verdict is not in the sample."""
        if not shadow.sampling.sampled or shadow.sampling.inclusion_probability <= 0.0:
            return None
        return cls(
            verdict_id=shadow.verdict_id,
            model=shadow.versions.model,
            action=shadow.action,
            live_action=shadow.live_action,
            scores=shadow.scores,
            decided_at=shadow.decided_at,
        )

    @property
    def order(self) -> tuple[datetime, bytes]:
        """A total order; the first holds."""
        return self.decided_at, self.to_bytes()


class Label(Message):
    """A reviewer's answer."""

    kind: Literal["label"] = "label"
    decision_id: UUID
    verdict_id: UUID
    reviewer: Identifier
    action: Action
    categories: tuple[Category, ...]
    decided_at: Instant

    @classmethod
    def of(cls, decision: ReviewDecision) -> Label:
        """Cut a decision down."""
        return cls(
            decision_id=decision.decision_id,
            verdict_id=decision.verdict_id,
            reviewer=decision.reviewer,
            action=decision.action,
            categories=tuple(sorted(set(decision.categories))),
            decided_at=decision.decided_at,
        )

    @property
    def order(self) -> tuple[datetime, str]:
        """A total order; the greatest holds."""
        return self.decided_at, str(self.decision_id)


AuditEvent = SampledVerdict | Label | ShadowSeen
"""What travels on the internal topic, keyed by verdict."""

_ADAPTER: TypeAdapter[AuditEvent] = TypeAdapter(Annotated[AuditEvent, Field(discriminator="kind")])


def read_audit_event(raw: bytes) -> AuditEvent:
    """Read an event from the internal topic.

    Raises:
        pydantic.ValidationError: the bytes are no event.
    """
    return _ADAPTER.validate_json(raw)


class AuditRow(Message):
    """Everything known about one verdict of the sample."""

    verdict: SampledVerdict | None = None
    labels: dict[Identifier, Label] = Field(default_factory=dict)
    """The newest answer of each reviewer."""
    shadows: dict[Version, ShadowSeen] = Field(default_factory=dict)
    """What each other model would have said."""

    def with_event(self, event: AuditEvent) -> Self:
        """The row after one more event; equal to this one when it says nothing new."""
        if isinstance(event, SampledVerdict):
            # A post judged again can differ, if only by what was known of its author by then.
            known = self.verdict
            first = event if known is None else min(known, event, key=lambda it: it.order)
            return self.model_copy(update={"verdict": first})
        if isinstance(event, ShadowSeen):
            said = min(self.shadows.get(event.model, event), event, key=lambda it: it.order)
            return self.model_copy(update={"shadows": self.shadows | {event.model: said}})
        mine = self.labels.get(event.reviewer)
        newest = event if mine is None else max(mine, event, key=lambda it: it.order)
        return self.model_copy(update={"labels": self.labels | {event.reviewer: newest}})

    @property
    def label(self) -> Label | None:
        """The answer that holds: the newest one, which a senior or an appeal gives last."""
        return max(self.labels.values(), key=lambda it: it.order, default=None)

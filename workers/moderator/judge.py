"""The judgement: what was found about a post and what the policy says, written as a verdict.

Pure: the same input gives the same verdict, with the same id. The worker and the offline command
both end here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from rules import Decision
from schemas import (
    Action,
    Escalation,
    Modality,
    NotScanned,
    Post,
    Sampling,
    Timings,
    Verdict,
    VerdictStatus,
    Versions,
    verdict_id,
)
from workers.audit_plan import AuditPlan
from workers.moderator.sampling import draw

AUDIT_QUEUE: Final = "audit"
"""Where posts go that only the audit sample sends to reviewers."""

AUDIT_OFF: Final = AuditPlan()
"""Draws nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and the escalation when a person should look at the post."""

    verdict: Verdict
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """When and by what a post is judged.

    ``record_age`` is the time from the broker's timestamp of the post to ``now``, in seconds;
    ``stages`` are the seconds that each stage took. ``audit`` says which verdicts reviewers see
    whatever the machine says.
    """

    versions: Versions
    now: datetime
    record_age: float = 0.0
    stages: Mapping[str, float] = field(default_factory=dict)
    audit: AuditPlan = AUDIT_OFF


def judge(
    post: Post,
    not_scanned: Iterable[NotScanned],
    decision: Decision,
    by: Circumstances,
    text_keys: tuple[str, ...] = (),
) -> Judgement:
    """The verdict on a post, and its escalation if there is one.

    A post is escalated when the decision says so, and otherwise when it falls into the audit
    sample: then it goes to :data:`AUDIT_QUEUE`, where reviewers see it mixed with the others.

    Args:
        post: what was posted; ``op: upsert``.
        not_scanned: what neither media nor model could look at; repeated entries count once.
        decision: of the policy.
        by: versions, clock and sampling.
        text_keys: of the post's text, where the policy asks for campaigns.
    """
    missed = tuple(dict.fromkeys(not_scanned))
    identity = _identity(post, by.versions)
    modalities = scanned_modalities(post, missed)
    stratum = by.audit.stratum(decision.action, decision.scores, modalities, post.language)
    sampling = draw(identity, stratum, by.audit)
    verdict = Verdict(
        verdict_id=identity,
        post_id=post.post_id,
        revision=post.revision,
        author_id=post.author_id,
        status=decision.status,
        action=decision.action,
        model_action=decision.model_action,
        scores=decision.scores,
        reasons=decision.reasons,
        rule_hits=decision.rule_hits,
        labels=decision.labels,
        label_expiry={label: by.now + time for label, time in decision.label_expiry.items()},
        age_gate=decision.age_gate,
        geo_limit=decision.geo_limit,
        trace=decision.trace,
        not_scanned=missed,
        modalities=modalities,
        versions=by.versions,
        timings=_timings(by),
        sampling=sampling,
        surface=post.surface,
        language=post.language,
        region=post.region,
        text_keys=text_keys,
        decided_at=by.now,
    )
    if not (decision.escalate or sampling.sampled):
        return Judgement(verdict)
    return Judgement(
        verdict,
        Escalation(
            verdict=verdict,
            post=post,
            queue=decision.queue if decision.escalate else AUDIT_QUEUE,
            priority=decision.priority,
            escalated_at=by.now,
            due_at=by.now + decision.due_in,
        ),
    )


def withdrawal(post: Post, by: Circumstances, superseded_by: int | None = None) -> Judgement:
    """The answer to ``op: delete``: nothing was scanned, and nothing is to be done.

    Also to a revision that was overtaken, by the revision ``superseded_by``, before it was judged.
    """
    return Judgement(
        Verdict(
            verdict_id=_identity(post, by.versions),
            post_id=post.post_id,
            revision=post.revision,
            author_id=post.author_id,
            status=VerdictStatus.WITHDRAWN,
            superseded_by=superseded_by,
            action=Action.ALLOW,
            versions=by.versions,
            timings=_timings(by),
            # Withdrawn posts are outside the population that accuracy is estimated on.
            sampling=Sampling(sampled=False, inclusion_probability=0.0),
            surface=post.surface,
            language=post.language,
            region=post.region,
            decided_at=by.now,
        )
    )


def scanned_modalities(post: Post, not_scanned: Iterable[NotScanned]) -> tuple[Modality, ...]:
    """The modalities of which at least one piece was looked at, if only in part."""
    missed = {(entry.modality, entry.index) for entry in not_scanned if not entry.reason.scored}
    pieces = (
        (Modality.TEXT, 1 if post.text and not post.text.isspace() else 0),
        (Modality.IMAGE, len(post.images)),
        (Modality.AUDIO, len(post.audio)),
    )
    return tuple(
        [
            modality
            for modality, count in pieces
            if count
            and (not missed or any((modality, index) not in missed for index in range(count)))
        ]
    )


def _identity(post: Post, versions: Versions) -> UUID:
    return verdict_id(post.post_id, post.revision, versions.model, versions.policy)


def _timings(by: Circumstances) -> Timings:
    # The broker's clock may be ahead of ours; an age is never negative.
    return Timings(record_age=max(0.0, by.record_age), stages=dict(by.stages))

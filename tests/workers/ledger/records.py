"""Verdicts and decisions for the ledger's tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import NAMESPACE_URL, UUID, uuid5

from schemas import (
    Action,
    Reason,
    ReasonKind,
    ReviewDecision,
    RuleHit,
    Sampling,
    ShadowVerdict,
    Timings,
    Verdict,
    VerdictSource,
    VerdictStatus,
    Versions,
    verdict_id,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOT_SAMPLED = Sampling(sampled=False, inclusion_probability=0.0)


def sampled(probability: float = 0.5, stratum: str | None = "allow-s0-text-en") -> Sampling:
    return Sampling(sampled=True, inclusion_probability=probability, stratum=stratum)


def a_verdict(
    action: Action = Action.ALLOW,
    *,
    post: str = "post-1",
    author: str = "author-1",
    revision: int = 1,
    source: VerdictSource = VerdictSource.MACHINE,
    status: VerdictStatus = VerdictStatus.COMPLETE,
    category: str | None = "spam",
    after: timedelta = timedelta(0),
    policy: str = "policy-1",
    sampling: Sampling = NOT_SAMPLED,
    language: str | None = "en",
    scores: Mapping[str, float] | None = None,
    rule_hits: tuple[RuleHit, ...] = (),
    text_keys: tuple[str, ...] = (),
) -> Verdict:
    return Verdict(
        verdict_id=verdict_id(post, revision, source.value, policy),
        post_id=post,
        revision=revision,
        author_id=author,
        source=source,
        status=status,
        action=action,
        reasons=(Reason(kind=ReasonKind.MODEL, action=action, category=category),),
        versions=Versions(model="model-1", policy=policy),
        timings=Timings(record_age=0.1),
        model_action=action,
        scores=dict(scores or {}),
        rule_hits=rule_hits,
        sampling=sampling,
        language=language,
        text_keys=text_keys,
        decided_at=NOON + after,
    )


def a_shadow_verdict(
    then: Action,
    *,
    live: Action = Action.ALLOW,
    post: str = "post-1",
    model: str = "model-2",
    sampling: Sampling = NOT_SAMPLED,
) -> ShadowVerdict:
    """What ``model`` would have said of the post's first verdict."""
    return ShadowVerdict(
        verdict_id=verdict_id(post, 1, "machine", "policy-1"),
        post_id=post,
        revision=1,
        author_id="author-1",
        status=VerdictStatus.COMPLETE,
        versions=Versions(model=model, policy="policy-1"),
        action=then,
        model_action=then,
        live_model="model-1",
        live_action=live,
        share=0.5,
        sampling=sampling,
        decided_at=NOON,
    )


def a_decision(
    action: Action,
    *,
    machine: Action = Action.REVIEW,
    post: str = "post-1",
    author: str = "author-1",
    revision: int = 1,
    after: timedelta = timedelta(minutes=10),
    decision_id: UUID | None = None,
    categories: tuple[str, ...] = (),
    reviewer: str = "reviewer-1",
) -> ReviewDecision:
    return ReviewDecision(
        decision_id=decision_id
        or uuid5(NAMESPACE_URL, f"{post} {revision} {action} {after} {reviewer}"),
        verdict_id=verdict_id(post, revision, "machine", "policy-1"),
        post_id=post,
        revision=revision,
        author_id=author,
        reviewer=reviewer,
        action=action,
        categories=categories,
        machine_action=machine,
        claimed_at=NOON,
        decided_at=NOON + after,
    )

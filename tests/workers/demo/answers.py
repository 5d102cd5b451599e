"""Answers as a worker gives them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from schemas import (
    Action,
    DeadLetter,
    ErrorClass,
    Escalation,
    Post,
    Sampling,
    Timings,
    Verdict,
    VerdictStatus,
    Versions,
    verdict_id,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def post(post_id: str = "p-1", **fields: Any) -> Post:
    if not {"text", "images", "audio", "op"} & fields.keys():
        fields["text"] = "Good morning!"
    return Post(post_id=post_id, author_id="ana", created_at=NOW, **fields)


def verdict(
    post_id: str = "p-1", *, revision: int = 1, action: Action = Action.ALLOW, **fields: Any
) -> Verdict:
    given = {"status": VerdictStatus.COMPLETE} | fields
    return Verdict(
        verdict_id=verdict_id(post_id, revision, "model", "policy"),
        post_id=post_id,
        revision=revision,
        author_id="ana",
        action=action,
        versions=Versions(model="model", policy="policy"),
        timings=Timings(record_age=0.1),
        sampling=Sampling(sampled=False, inclusion_probability=0.01),
        decided_at=NOW,
        **given,
    )


def dead_letter(
    *, partition: int = 0, offset: int = 0, value: bytes = b"{", reason: str = "no JSON"
) -> DeadLetter:
    return DeadLetter(
        topic="posts",
        partition=partition,
        offset=offset,
        timestamp=NOW,
        value=value,
        error_class=ErrorClass.NOT_JSON,
        reason=reason,
        failed_at=NOW,
    )


def escalation(about: Verdict) -> Escalation:
    return Escalation(
        verdict=about, post=post(about.post_id), priority=1.0, escalated_at=NOW, due_at=NOW
    )

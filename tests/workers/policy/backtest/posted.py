"""Posts, verdicts and decisions as they stand on their topics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from schemas import (
    Action,
    AuthorSignals,
    Escalation,
    Post,
    ReviewDecision,
    Trace,
    Verdict,
    VerdictSource,
)
from tests.schemas.examples import VERDICT, decision_on

BEGIN = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=2)
"""Brokers delete records of a moment long ago."""


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def a_post(number: int, **changes: Any) -> Post:
    """Posted so many minutes after the beginning."""
    values: dict[str, Any] = {
        "post_id": f"p-{number}",
        "author_id": f"author-{number % 3}",
        "created_at": at(number),
        "text": f"words {number}",
    }
    return Post(**values | changes)


def a_verdict(post: Post, *, spam: float = 0.1, **changes: Any) -> Verdict:
    """The machine's, half a minute after the post."""
    author = AuthorSignals(author_id=post.author_id, posts=1, updated_at=BEGIN)
    values: dict[str, Any] = {
        "verdict_id": uuid4(),
        "post_id": post.post_id,
        "revision": post.revision,
        "author_id": post.author_id,
        "action": Action.ALLOW,
        "trace": Trace(model_scores={"spam": spam, "hate": 0.1}, author=author),
        "not_scanned": (),
        "decided_at": post.created_at + timedelta(seconds=30),
        "timings": VERDICT.timings.model_copy(update={"record_age": 30.0}),
    }
    return VERDICT.model_copy(update=values | changes)


def an_escalation(post: Post, verdict: Verdict) -> Escalation:
    moment = verdict.decided_at
    return Escalation(verdict=verdict, post=post, priority=1.0, escalated_at=moment, due_at=moment)


def a_decision(verdict: Verdict, action: Action, *, minutes: float = 5.0) -> ReviewDecision:
    """A reviewer's, so many minutes after the verdict."""
    moment = verdict.decided_at + timedelta(minutes=minutes)
    return decision_on(verdict, action, claimed_at=moment, decided_at=moment)


def a_persons(verdict: Verdict, action: Action) -> Verdict:
    """The verdict that takes the machine's place."""
    changes = {
        "verdict_id": uuid4(),
        "source": VerdictSource.HUMAN,
        "action": action,
        "decided_at": verdict.decided_at + timedelta(minutes=5),
        "timings": verdict.timings.model_copy(update={"record_age": 330.0}),
    }
    return verdict.model_copy(update=changes)

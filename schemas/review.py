"""Between machine and reviewer: what is handed over, and what a person decided."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.base import Detail, Identifier, Instant, Message, Name
from schemas.post import Post, Sha256
from schemas.taxonomy import Action, Category
from schemas.verdict import Verdict


class Escalation(Message):
    """A post that a person should look at. Keyed by ``post_id`` on the topic ``escalations``.

    One escalation a verdict: ``verdict.verdict_id`` identifies it.
    """

    verdict: Verdict
    post: Post
    queue: Name = "default"
    priority: Annotated[float, Field(ge=0.0, allow_inf_nan=False)]
    """Severity × reach weight at the time of the verdict; age is added by the console."""
    escalated_at: Instant
    due_at: Instant


class ReviewDecision(Message):
    """What a reviewer decided. Keyed by ``post_id`` on the topic ``review-decisions``.

    ``decision_id`` is given once, when the reviewer decides: a repeated delivery is harmless.
    """

    decision_id: UUID
    verdict_id: UUID
    post_id: Identifier
    revision: Annotated[int, Field(ge=1, le=2**53)]
    author_id: Identifier
    reviewer: Identifier
    """A pseudonym; the console alone knows the person."""
    action: Action
    machine_action: Action
    categories: tuple[Category, ...] = ()
    """The categories that apply in the reviewer's eyes; empty for a harmless post."""
    note: Detail | None = None
    content_hash: Sha256 | None = None
    """Of what the reviewer saw (:func:`schemas.content_hash`): for as long as the post says it, the
    decision outranks every machine. Absent where part of it could not be seen, or may change behind
    its address; then the decision holds for the revision."""
    claimed_at: Instant
    decided_at: Instant

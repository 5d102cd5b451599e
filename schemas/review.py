"""Between machine and reviewer: what is handed over, and what a person decided."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from schemas.base import Detail, Identifier, Instant, Message, Name, Part, storable
from schemas.post import Post, Sha256
from schemas.taxonomy import Action, Category
from schemas.verdict import Verdict

MAX_STATEMENT_LENGTH = 5_000
"""Characters of what an author says in an appeal: about two pages."""


class DecisionOrigin(StrEnum):
    """Why a person decided."""

    REVIEW = "review"  # the machine asked
    SENIOR = "senior"  # two reviewers disagreed, and a senior settles it
    APPEAL = "appeal"  # the author contested a decision


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


class BankWord(Part):
    """What a reviewer said of a bank's match with the post."""

    bank: Name
    entry: Detail
    """The id in the bank."""
    right: bool
    """Whether the post is what the entry stands for."""


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
    bank_words: tuple[BankWord, ...] = ()
    """On the matches that the reviewer spoke about; they confirm or deny the entries."""
    content_hash: Sha256 | None = None
    """Of what the reviewer saw (:func:`schemas.content_hash`): for as long as the post says it, the
    decision outranks every machine. Absent where part of it could not be seen, or may change behind
    its address; then the decision holds for the revision."""
    origin: DecisionOrigin = DecisionOrigin.REVIEW
    """A decision of another origin than ``review`` stands in place of every earlier one."""
    reverses: UUID | None = None
    """The verdict that this decision puts right; absent where what held before is confirmed."""
    claimed_at: Instant
    decided_at: Instant


class Appeal(Message):
    """An author contests a verdict. Keyed by ``post_id`` on the topic ``appeals``, by the platform.

    It carries what the platform acted upon and the post as it is, so that an appeal against a
    verdict that no person has seen can be decided, too. One appeal a verdict.
    """

    appeal_id: UUID
    verdict: Verdict
    """The contested one, as it came on ``verdicts``."""
    post: Post
    statement: (
        Annotated[str, StringConstraints(max_length=MAX_STATEMENT_LENGTH), AfterValidator(storable)]
        | None
    ) = None
    """The author's words."""
    submitted_at: Instant

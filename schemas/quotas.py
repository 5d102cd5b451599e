"""What workers tell each other about the quotas of rules, and what an operator tells them."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import Field

from schemas.base import Identifier, Instant, Message, Name
from schemas.taxonomy import Action

Count = Annotated[int, Field(ge=0)]

QUOTA_SLICES: Final = 60
"""Slices of a quota's window. A token comes back after the window and at most one slice, so 60 mean
1.7 % later than the policy says, for 60 numbers a record."""


class QuotaRecord(Message):
    """Where a quota stands, or how much one worker has used of it. On the topic ``quotas``.

    A quota is named by all that its author wrote: policy, rule, ``posts`` in ``per_seconds``, and
    the ``outcome`` it counts. A record without ``worker`` says whether the quota is tripped, and
    how often it was reset; one with ``worker`` says what that worker has used since the last reset.
    Of several records on a quota the greatest ``resets`` counts; among equals ``tripped`` wins.
    """

    policy: Name
    rule: Identifier
    """A rule's id, or ``brakes.removal_quota`` for all automatic removals."""
    posts: Annotated[int, Field(ge=1)]
    per_seconds: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    outcome: Action | None = None
    """Only posts with this outcome are counted; absent, all on which the rule fires."""
    resets: Count = 0
    """How often the quota was reset; what was used before a reset counts no more."""
    tripped: bool = False
    by: Identifier | None = None
    """Who tripped or reset it: a worker, or a person."""
    worker: Identifier | None = None
    """Whose use this is; a worker has a new name at every start."""
    used: dict[int, Count] = Field(default_factory=dict)
    """Posts by slice of time. Slice n begins n × ``per_seconds`` / 60 after 1970-01-01 UTC."""
    at: Instant
    """When it tripped or was reset; of a worker's use, when that was written."""

    @property
    def key(self) -> str:
        """The record's key on the topic: one for the quota, and one for each worker's use of it."""
        terms = f"{self.posts}:{self.per_seconds:g}:{self.outcome or 'any'}"
        parts = (self.policy, self.rule, terms, self.worker)
        return "/".join(part for part in parts if part is not None)

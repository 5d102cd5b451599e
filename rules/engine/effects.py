"""What a rule does when its condition holds, as its author writes it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from rules.engine.scalars import (
    AnyAction,
    Bound,
    Duration,
    Region,
    Restriction,
    Section,
    Shift,
    Word,
)
from schemas import Action, Category


class EscalateEffect(Section):
    """Show the post to reviewers, whatever the action."""

    queue: Word = "default"
    priority: Annotated[float, Field(ge=1.0, le=100.0, allow_inf_nan=False)] = 1.0
    """Multiplies the post's priority."""


class LabelEffect(Section):
    """A label on the post, for good or for a time."""

    label: Word
    expires: Duration | None = None
    """From the verdict until the label is void; left out, it stays."""


def _as_label(value: object) -> object:
    return {"label": value} if isinstance(value, str) else value


_LABEL_SCHEMA = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "properties": {"label": {"type": "string"}, "expires": {"type": "string"}},
            "required": ["label"],
            "additionalProperties": False,
        },
    ]
}

Label = Annotated[LabelEffect, BeforeValidator(_as_label), WithJsonSchema(_LABEL_SCHEMA)]
"""``scam``, or ``{label: scam, expires: 30d}``."""


class Effects(Section):
    """What a rule does when its condition holds."""

    shift: dict[Category, Shift] = Field(default_factory=dict)
    """Log-odds added to a category's score."""
    floor: dict[Category, Bound] = Field(default_factory=dict)
    """A category's score is at least this."""
    ceiling: dict[Category, Bound] = Field(default_factory=dict)
    """A category's score is at most this."""
    action: Restriction | None = None
    """At least this action."""
    labels: list[Label] = Field(default_factory=list)
    escalate: EscalateEffect | None = None
    require_review: bool = False
    """A person decides: exactly ``review``, neither milder nor an automatic removal."""
    age_gate: Annotated[int, Field(ge=1, le=99)] | None = None
    """Where the post stays up, it is for people of this age (years) and above."""
    geo_limit: list[Region] = Field(default_factory=list)
    """Where the post stays up, it is hidden in these regions."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError(f"expected at least one of {', '.join(type(self).model_fields)}")
        return self

    def held_back(self) -> Effects:
        """What is left when a brake holds the rule back: its labels, and a person decides."""
        return Effects(labels=self.labels, action=Action.REVIEW, escalate=self.escalate)


class Quota(Section):
    """How often something may happen by machine: a token bucket."""

    posts: Annotated[int, Field(ge=1, le=10_000_000)]
    """The bucket's size; a full one refills in ``per``."""
    per: Duration


class RuleQuota(Quota):
    """How many posts a rule may move before people look."""

    outcome: AnyAction | None = None
    """Count only posts whose outcome is this action; left out, every post on which it fires."""


class HitRateBand(Section):
    """The share of posts on which a rule is expected to fire."""

    min: Bound = 0.0
    max: Bound = 1.0

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min >= self.max:
            raise ValueError(f"min ({self.min:g}) is not below max ({self.max:g})")
        return self

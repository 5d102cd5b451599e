"""The policy file as its author writes it. Every model refuses unknown keys."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from schemas import Action, Category, Modality, NotScannedReason

MAX_RULES: Final = 5_000
"""Far above any policy that people can oversee; a bound on what a load may cost."""

MAX_SHIFT: Final = 12.0
"""Log-odds. A shift of 12 turns 0.001 into 0.994: beyond it, a floor or ceiling says it plainer."""

_UNITS_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("expected a duration such as 30m, 4h or 2d")  # noqa: TRY004 (pydantic)
    match = re.fullmatch(r"([0-9]{1,6})([smhd])", value)
    if match is None or int(match[1]) == 0:
        raise ValueError("expected a duration such as 30m, 4h or 2d")
    return timedelta(seconds=int(match[1]) * _UNITS_SECONDS[match[2]])


def _restricts(action: Action) -> Action:
    if action is Action.ALLOW:
        raise ValueError("allow holds nothing back; expected limit, review or remove")
    return action


def _never(value: object) -> object:
    return None if value == "never" else value


Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name in a policy. Underscores, no hyphens, so that conditions can use it as an identifier."""

Threshold = Annotated[
    Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)] | None, BeforeValidator(_never)
]
"""The probability from which an action applies; ``never`` (or left out) switches it off."""

Bound = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Shift = Annotated[float, Field(ge=-MAX_SHIFT, le=MAX_SHIFT, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Note = Annotated[str, StringConstraints(max_length=2_000)]
AnyAction = Annotated[Action, Field(strict=False)]
Restriction = Annotated[AnyAction, AfterValidator(_restricts)]
"""An action that holds something back. What was not looked at can never simply be allowed."""


class Section(BaseModel):
    """A mapping in a policy file: unknown keys and guessed types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class CategorySettings(Section):
    """From which probability a category limits, escalates and removes."""

    limit: Threshold = None
    review: Threshold = None
    remove: Threshold = None
    severity: Weight = 1.0
    """How grave it is, for the priority of a review."""
    queue: Word = "default"
    scored: bool = True
    """False for a category that only rules can raise, by a floor."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        given = [
            (name, value)
            for name in ("limit", "review", "remove")
            if (value := getattr(self, name)) is not None
        ]
        for (milder, low), (harsher, high) in pairwise(given):
            if low > high:
                raise ValueError(
                    f"{milder} ({low:g}) is above {harsher} ({high:g}); a harsher action needs "
                    "an equal or higher probability"
                )
        return self


class ListSettings(Section):
    """One list beside the policy: phrases, RE2 patterns or domains, an entry a line."""

    phrases: str | None = None
    patterns: str | None = None
    domains: str | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in type(self).model_fields) != 1:
            raise ValueError("expected exactly one of phrases, patterns and domains, with a file")
        return self


class QueueSettings(Section):
    """A queue of the review console."""

    due: Duration
    """From the verdict until a reviewer should have decided."""


class FailOverride(Section):
    """An exception to the default: for a modality, a reason, or both."""

    modality: Annotated[Modality, Field(strict=False)] | None = None
    reason: Annotated[NotScannedReason, Field(strict=False)] | None = None
    action: Restriction

    @model_validator(mode="after")
    def _narrower_than_default(self) -> Self:
        if self.modality is None and self.reason is None:
            raise ValueError("expected a modality, a reason, or both")
        return self


class FailSettings(Section):
    """What happens to a post of which something was not scanned."""

    default: Restriction = Action.REVIEW
    severity: Weight = 0.5
    """Stands in for the score that is missing, in the priority of a review."""
    overrides: list[FailOverride] = []


class EscalateEffect(Section):
    """Show the post to reviewers, whatever the action."""

    queue: Word = "default"
    priority: Annotated[float, Field(ge=1.0, le=100.0, allow_inf_nan=False)] = 1.0
    """Multiplies the post's priority."""


class Effects(Section):
    """What a rule does when its condition holds."""

    shift: dict[Category, Shift] = {}
    """Log-odds added to a category's score."""
    floor: dict[Category, Bound] = {}
    ceiling: dict[Category, Bound] = {}
    action: Restriction | None = None
    """At least this action."""
    labels: list[Word] = []
    escalate: EscalateEffect | None = None
    require_review: bool = False
    """A person decides: exactly ``review``, neither milder nor an automatic removal."""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise ValueError(f"expected at least one of {', '.join(type(self).model_fields)}")
        return self


class RuleSettings(Section):
    """A condition on the facts, and what follows from it."""

    id: Word
    mode: Literal["live", "shadow", "off"] = "live"
    description: Note = ""
    when: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    then: Effects
    on_error: AnyAction = Action.REVIEW
    """At least this action when the condition cannot be evaluated; ``allow`` for none."""


class PolicyDocument(Section):
    """A whole policy file."""

    policy: Word
    description: Note = ""
    categories: Annotated[dict[Category, CategorySettings], Field(min_length=1)]
    lists: dict[Word, ListSettings] = {}
    not_scanned: FailSettings = FailSettings()
    queues: dict[Word, QueueSettings]
    rules: Annotated[list[RuleSettings], Field(max_length=MAX_RULES)] = []

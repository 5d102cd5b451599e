"""The policy file as its author writes it. Every model refuses unknown keys."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rules.engine.effects import Effects, HitRateBand, Quota, RuleQuota
from rules.engine.scalars import (
    AnyAction,
    Duration,
    Note,
    Region,
    Restriction,
    Section,
    Surface,
    Threshold,
    Weight,
    Word,
)
from schemas import Action, BankPart, Category, Modality, NotScannedReason

MAX_RULES: Final = 5_000
"""Far above any policy that people can oversee; a bound on what a load may cost."""

THRESHOLDS: Final = ("limit", "review", "remove")
"""The actions that have a threshold, from the mildest on."""


class ThresholdSettings(Section):
    """From which probability a category limits, escalates and removes."""

    limit: Threshold = None
    review: Threshold = None
    remove: Threshold = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        given = [(name, value) for name in THRESHOLDS if (value := getattr(self, name)) is not None]
        for (milder, low), (harsher, high) in pairwise(given):
            if low > high:
                raise ValueError(
                    f"{milder} ({low:g}) is above {harsher} ({high:g}); a harsher action needs "
                    "an equal or higher probability"
                )
        return self


class CategorySettings(ThresholdSettings):
    """A category: its thresholds, and how its posts are reviewed."""

    severity: Weight = 1.0
    """How grave it is, for the priority of a review."""
    queue: Word = "default"
    scored: bool = True
    """False for a category that only rules can raise, by a floor."""


class AudienceSettings(Section):
    """A group of people by the surfaces that are made for them."""

    surfaces: Annotated[list[Surface], Field(min_length=1)]


class ContextSettings(Section):
    """Other thresholds for some surfaces, regions or audiences; all kinds given must fit."""

    surfaces: list[Surface] = Field(default_factory=list)
    regions: list[Region] = Field(default_factory=list)
    audiences: list[Word] = Field(default_factory=list)
    categories: Annotated[dict[Category, ThresholdSettings], Field(min_length=1)]
    """What is left out here stays as ``categories`` has it."""

    @model_validator(mode="after")
    def _narrows(self) -> Self:
        if not (self.surfaces or self.regions or self.audiences):
            raise ValueError("expected at least one of surfaces, regions and audiences")
        return self


class ListSettings(Section):
    """One list beside the policy, an entry a line: phrases, RE2 patterns, domains or names."""

    phrases: str | None = None
    patterns: str | None = None
    domains: str | None = None
    names: str | None = None
    """Ids and other exact words, to be asked by ``lists.NAME(value)``."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(getattr(self, kind) is not None for kind in type(self).model_fields) != 1:
            raise ValueError(
                "expected exactly one of phrases, patterns, domains and names, with a file"
            )
        return self


class BankSettings(Section):
    """A bank of known content that the workers look posts up in."""

    modality: Annotated[BankPart, Field(strict=False)]
    """What it recognises: texts, images, audio, or posts as a whole by the classifier's vectors."""
    action: AnyAction | None = None
    """Instead of what the bank itself asks for; ``allow`` leaves it to the rules."""
    required: bool = True
    """Whether a rule fails when nobody looked in the bank; otherwise it counts as no match."""


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
    overrides: list[FailOverride] = Field(default_factory=list)


class BrakeSettings(Section):
    """What keeps automatic removals in bounds. What is held back goes to a person."""

    removals: Literal["on", "off"] = "on"
    """The kill switch: ``off`` turns every automatic removal into a review."""
    removal_quota: Quota | None = None
    """Of all automatic removals together."""
    exempt: list[Word] = Field(default_factory=list)
    """Rules that no brake holds back: what the law wants gone."""


class RuleSettings(Section):
    """A condition on the facts, and what follows from it."""

    id: Word
    mode: Literal["live", "shadow", "off"] = "live"
    description: Note = ""
    when: Annotated[str, StringConstraints(min_length=1, max_length=4_000)]
    then: Effects
    on_error: AnyAction = Action.REVIEW
    """At least this action when the condition cannot be evaluated; ``allow`` for none."""
    rollout: Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)] = 100.0
    """Per cent of posts on which a live rule has its effects; on the others it is as shadow."""
    quota: RuleQuota | None = None
    expect: HitRateBand | None = None
    """Outside this band the worker raises an alarm."""


class PolicyDocument(Section):
    """A whole policy file."""

    policy: Word
    description: Note = ""
    categories: Annotated[dict[Category, CategorySettings], Field(min_length=1)]
    audiences: dict[Word, AudienceSettings] = Field(default_factory=dict)
    contexts: dict[Word, ContextSettings] = Field(default_factory=dict)
    lists: dict[Word, ListSettings] = Field(default_factory=dict)
    banks: dict[Word, BankSettings] = Field(default_factory=dict)
    not_scanned: FailSettings = FailSettings()
    queues: dict[Word, QueueSettings]
    brakes: BrakeSettings = BrakeSettings()
    rules: Annotated[list[RuleSettings], Field(max_length=MAX_RULES)] = Field(default_factory=list)

"""A rule made ready: all that it says about a post apart from what it quotes, built once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules.engine.effects import Effects, RuleQuota
from rules.engine.policy import Rule
from rules.engine.rollout import drawn
from schemas import Action, RuleHit, RuleTrace

QUOTA: Final = "quota"
"""The brake that a rule meets when it has used up its quota."""

_LIST_FACTS: Final = ("text.matches.", "text.entries.")
"""What the facts about a list's matches in the text begin with."""


@dataclass(frozen=True, slots=True)
class RunningRule:
    """A rule as the engine runs it."""

    id: str
    effects: Effects
    held: Effects
    """What is left of the effects over the quota."""
    lists: tuple[str, ...]
    """The lists that its condition names."""
    on_error: Action
    mode: str
    rollout: float
    quota: RuleQuota | None
    hits: dict[str, RuleHit]
    """By mode, where it fired."""
    traces: dict[str, RuleTrace]
    """By mode, and under :data:`QUOTA`, where it was held back."""

    @classmethod
    def of(cls, rule: Rule, *, exempt: bool) -> RunningRule:
        """The rule made ready; one that is exempt has no quota."""
        settings = rule.settings
        effects = settings.then
        return cls(
            id=settings.id,
            effects=effects,
            held=effects.held_back(),
            lists=_lists_of(rule),
            on_error=settings.on_error,
            mode=settings.mode,
            rollout=settings.rollout,
            quota=None if exempt else settings.quota,
            hits={mode: RuleHit(rule=settings.id, mode=mode) for mode in ("live", "shadow")},
            traces={
                "live": _trace(settings.id, effects, "live"),
                "shadow": _trace(settings.id, effects, "shadow"),
                QUOTA: _trace(settings.id, effects, "live", held_back=QUOTA),
            },
        )

    def mode_on(self, post_id: str) -> str:
        """``live`` or ``shadow``, by the rule's mode and its roll-out."""
        return self.mode if drawn(self.id, post_id, self.rollout) else "shadow"


@dataclass(frozen=True, slots=True)
class Fired:
    """A live rule whose condition held."""

    rule: RunningRule
    held: bool = False
    """Whether a brake holds it back."""

    @property
    def effects(self) -> Effects:
        """What it does to this post."""
        return self.rule.held if self.held else self.rule.effects


@dataclass(frozen=True, slots=True)
class Failed:
    """A live rule whose condition could not be evaluated."""

    rule: RunningRule
    error: str


def _trace(name: str, effects: Effects, mode: str, held_back: str | None = None) -> RuleTrace:
    return RuleTrace(
        rule=name,
        mode=mode,
        shift=effects.shift,
        floor=effects.floor,
        ceiling=effects.ceiling,
        action=effects.action,
        require_review=effects.require_review,
        held_back=held_back,
    )


def _lists_of(rule: Rule) -> tuple[str, ...]:
    return tuple(
        sorted(
            {
                fact.removeprefix(prefix)
                for fact in rule.condition.facts
                for prefix in _LIST_FACTS
                if fact.startswith(prefix)
            }
        )
    )

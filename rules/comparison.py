"""What changes when one policy takes the place of another: the same posts under both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rules.decision import Case, Decision
from rules.engine import PolicyEngine
from schemas import Action

EXAMPLES: Final = 5
"""Changed posts that are kept for each change of action."""


@dataclass(frozen=True, slots=True)
class Example:
    """A post on which the policies differ."""

    post_id: str
    before: Decision
    after: Decision


@dataclass(slots=True)
class Comparison:
    """How many decisions change, and which way."""

    posts: int = 0
    changes: Counter[tuple[Action, Action]] = field(default_factory=Counter)
    """By action before and after."""
    categories: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By the category that weighed most and ``harsher`` or ``milder``."""
    reviews: Counter[str] = field(default_factory=Counter)
    """Posts that people have to look at, ``before`` and ``after``."""
    examples: dict[tuple[Action, Action], list[Example]] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Posts whose action changes."""
        return self.changes.total()

    def count(self, post_id: str, before: Decision, after: Decision) -> None:
        """Take one post in."""
        self.posts += 1
        self.reviews["before"] += before.escalate
        self.reviews["after"] += after.escalate
        if before.action is after.action:
            return
        change = (before.action, after.action)
        self.changes[change] += 1
        self.categories[_weightiest(before, after), direction(*change)] += 1
        kept = self.examples.setdefault(change, [])
        if len(kept) < EXAMPLES:
            kept.append(Example(post_id, before, after))


def compare(old: PolicyEngine, new: PolicyEngine, cases: Iterable[Case]) -> Comparison:
    """Decide every case by both policies."""
    comparison = Comparison()
    for case in cases:
        comparison.count(case.post.post_id, old.decide(case), new.decide(case))
    return comparison


def direction(before: Action, after: Action) -> str:
    """Which way an action changed."""
    return "harsher" if after.severity > before.severity else "milder"


def _weightiest(before: Decision, after: Decision) -> str:
    """The category of the strongest reason on the harsher side, or ``no category``."""
    harsher = max(before, after, key=lambda one: one.action.severity)
    named = (reason.category for reason in harsher.reasons if reason.category is not None)
    return next(named, "no category")

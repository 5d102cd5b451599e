"""How a candidate compares with the live model, by what the workers say of themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from schemas import Action
from workers.fleet.reading import Said


@dataclass(frozen=True, slots=True)
class CategoryFigures:
    """Of one category of the compared posts."""

    agrees: float
    """Share of the posts on which both models reach the same threshold."""
    mean_difference: float
    """Of the probabilities, without its sign."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Of all workers together, since each of them loaded the candidate.

    Attributes:
        silent: addresses that no worker answers at, and why.
        candidates: version of the candidate by worker; empty where it has none.
        refused: workers that cannot have the models that are asked for, and why.
        compared: posts that both models scored.
        failed: posts on which the second model failed.
        dropped: posts that were drawn, and not compared because too many waited.
        fallbacks: posts that the live model had to judge because the candidate failed.
        actions: compared posts by the live model's action and the candidate's.
        categories: by category.
    """

    silent: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    compared: int = 0
    failed: int = 0
    dropped: int = 0
    fallbacks: int = 0
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    categories: dict[str, CategoryFigures] = field(default_factory=dict)

    @property
    def changed(self) -> int:
        """Compared posts whose action is another one by the candidate."""
        return sum(posts for (live, other), posts in self.actions.items() if live != other)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "silent": self.silent,
            "candidates": self.candidates,
            "refused": self.refused,
            "compared": self.compared,
            "failed": self.failed,
            "dropped": self.dropped,
            "fallbacks": self.fallbacks,
            "changed": self.changed,
            "actions": [
                {"live": live, "candidate": other, "posts": posts}
                for (live, other), posts in sorted(self.actions.items(), key=_severity)
            ],
            "categories": {
                name: {"agrees": one.agrees, "mean_difference": one.mean_difference}
                for name, one in sorted(self.categories.items())
            },
        }


def _severity(item: tuple[tuple[str, str], int]) -> tuple[int, int]:
    (live, other), _ = item
    return Action(live).severity, Action(other).severity


def figures_of(answers: Sequence[Said]) -> Figures:
    """Put the workers' answers together; other processes are left out."""
    found = Figures()
    fates: Counter[str] = Counter()
    fallbacks = 0.0
    for said in answers:
        if said.error is not None:
            found.silent[said.address] = said.error
            continue
        if not said.series("moderation_compared_posts_total"):
            continue
        found.candidates[said.address] = next(
            (labels["version"] for labels, value in said.series(_CANDIDATE) if value), ""
        )
        if said.total("moderation_rollout_refused"):
            found.refused[said.address] = "; ".join(said.remarks) or "it does not say why"
        for labels, value in said.series("moderation_compared_posts_total"):
            fates[labels["outcome"]] += int(value)
        for labels, value in said.series("moderation_candidate_actions_total"):
            found.actions[labels["live"], labels["candidate"]] += int(value)
        fallbacks += said.total("moderation_candidate_fallbacks_total")
    return Figures(
        found.silent,
        found.candidates,
        found.refused,
        compared=fates["compared"],
        failed=fates["failed"],
        dropped=fates["dropped"],
        fallbacks=int(fallbacks),
        actions=found.actions,
        categories=_categories(answers),
    )


_CANDIDATE: Final = "moderation_candidate_info"
_DIFFERENCE: Final = "moderation_candidate_score_difference"


def _categories(answers: Sequence[Said]) -> dict[str, CategoryFigures]:
    agree, difference, posts = Counter[str](), dict[str, float](), Counter[str]()
    for said in answers:
        for labels, value in said.series("moderation_candidate_agreement_total"):
            if labels["agrees"] == "yes":
                agree[labels["category"]] += int(value)
        for labels, value in said.series(f"{_DIFFERENCE}_sum"):
            category = labels["category"]
            difference[category] = difference.get(category, 0.0) + value
        for labels, value in said.series(f"{_DIFFERENCE}_count"):
            posts[labels["category"]] += int(value)
    return {
        category: CategoryFigures(agree[category] / count, difference[category] / count)
        for category, count in posts.items()
        if count
    }

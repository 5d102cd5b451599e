"""What a policy that can be used leaves open, for its author to know."""

from __future__ import annotations

from collections.abc import Iterator

from rules import Policy
from schemas import CATEGORIES


def remarks(policy: Policy) -> Iterator[str]:
    """A line for each category of the taxonomy without thresholds, and for each beyond it."""
    own = policy.document.categories
    for name in CATEGORIES:
        if name not in own:
            yield f"{name} has no thresholds here: whatever the model says about it has no effect"
    for name, settings in own.items():
        if settings.scored and name not in CATEGORIES:
            yield (
                f"the taxonomy has no {name}: unless a model of your own scores it, its thresholds "
                f"never apply and conditions on scores.{name} fail (`scored: false` where only "
                "rules raise it)"
            )

"""How good a judge is: precision, recall, false-positive rate, and how much harm there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from workers.ledger.accuracy.intervals import Estimate, Floats, Mask, WeightedCount, share, total

FIGURES = ("precision", "recall", "false_positive_rate", "prevalence")
"""Names of the shares, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Estimates about one judge, over one part of the verdicts."""

    shares: Mapping[str, Estimate]
    """By the names in ``FIGURES``; one that has no denominator in the sample is absent."""
    missed: Estimate
    """Harmful posts that the judge did not flag, in the whole population."""


def measure(weights: Floats, flagged: Mask, harmful: Mask) -> Figures:
    """Compare a judge with the reviewers.

    Args:
        weights: of the reviewed verdicts, shape = (n,).
        flagged: whether the judge spoke up, shape = (n,).
        harmful: whether the reviewer found harm, shape = (n,).
    """
    everywhere = np.ones_like(flagged)
    hits = WeightedCount.of(weights, flagged & harmful, flagged)
    false_alarms = WeightedCount.of(weights, flagged & ~harmful, flagged)
    misses = WeightedCount.of(weights, ~flagged & harmful, ~flagged)
    left_alone = WeightedCount.of(weights, ~flagged & ~harmful, ~flagged)
    shares = {
        "precision": share(hits, false_alarms),
        "recall": share(hits, misses),
        "false_positive_rate": share(false_alarms, left_alone),
        "prevalence": share(
            WeightedCount.of(weights, harmful, everywhere),
            WeightedCount.of(weights, ~harmful, everywhere),
        ),
    }
    return Figures(
        {name: found for name, found in shares.items() if found is not None}, total(misses)
    )

"""Who looks at an escalated post, how urgently, and by when.

Priority is severity × reach weight × boost:

- severity: the highest product of a category's probability and its ``severity`` in the policy, or
  the severity of the unscanned, whichever is greater;
- reach weight: 1 + log10(1 + reach), so 1 for nobody and 7 for a million people: what matters is
  the order of magnitude;
- boost: the greatest ``priority`` of the rules that escalated.

The queue is the one with the shortest due time among those asked for (then the first by name).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import timedelta

from rules.engine.document import QueueSettings


def priority(severity: float, reach: int, boosts: Iterable[float]) -> float:
    """Severity × reach weight × boost."""
    return severity * reach_weight(reach) * max(boosts, default=1.0)


def reach_weight(reach: int) -> float:
    """How much a number of people counts: 1 for nobody, 7 for a million."""
    return 1.0 + math.log10(1 + reach)


def severity(
    scores: Mapping[str, float],
    severities: Mapping[str, float],
    unscanned: float,
) -> float:
    """How grave the post may be, by the severity of each category.

    ``unscanned`` is 0 when everything was scanned.
    """
    weighed = [score * severities[c] for c, score in scores.items() if c in severities]
    return max(unscanned, *weighed) if weighed else unscanned


def most_urgent(asked: Iterable[str], queues: Mapping[str, QueueSettings]) -> tuple[str, timedelta]:
    """The queue with the shortest due time, and that time; ``default`` when none was asked for."""
    due, name = min((queues[name].due, name) for name in (set(asked) or {"default"}))
    return name, due

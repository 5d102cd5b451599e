"""How far reviewers agree with each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def krippendorff_alpha(items: Iterable[Sequence[Hashable]]) -> float | None:
    """Krippendorff's alpha for nominal answers (Krippendorff, 2011).

    1 is full agreement, 0 is what chance gives.

    Args:
        items: the answers on each item, of different reviewers; an item with fewer than two says
            nothing and is left out.

    Returns:
        At most 1; None where no item has two answers, or all answers are the same one: then
        nothing tells agreement from habit.
    """
    disagreeing, values, answers = 0.0, Counter[Hashable](), 0
    for item in items:
        if len(item) < 2:  # noqa: PLR2004 - agreement needs a pair
            continue
        counts = Counter(item)
        values.update(counts)
        answers += len(item)
        pairs = len(item) ** 2 - sum(count**2 for count in counts.values())
        disagreeing += pairs / (len(item) - 1)
    by_chance = answers**2 - sum(count**2 for count in values.values())
    if not by_chance:
        return None
    return 1.0 - (answers - 1) * disagreeing / by_chance

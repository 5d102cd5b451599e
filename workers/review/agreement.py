"""How far two reviewers agree beyond what chance gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Cohen's kappa for nominal answers (Cohen, 1960).

    1 is full agreement, 0 is what chance gives where each side keeps its own habits.

    Args:
        pairs: the first and the second answer on each item.

    Returns:
        -1 to 1; None without pairs, or where both sides always gave the same one answer: then
        nothing tells agreement from habit.
    """
    total = len(pairs)
    if not total:
        return None
    agreed = sum(one == other for one, other in pairs)
    first, second = Counter(one for one, _ in pairs), Counter(other for _, other in pairs)
    by_chance = sum(count * second[answer] for answer, count in first.items())
    if by_chance == total**2:
        return None
    # Over total squared, so that whole numbers stay whole until the division.
    return (agreed * total - by_chance) / (total**2 - by_chance)

"""How often to draw from each stratum, so that a given number of reviews says the most."""

from __future__ import annotations

from typing import Final

import numpy as np

from workers.ledger.accuracy.intervals import Floats

FLOOR_SHARE: Final = 0.25
"""Of the mean rate, below which no stratum falls. What a stratum holds is itself an estimate: a
stratum thought harmless is still looked at, and no verdict stands for more than four average ones.
"""

HALVINGS: Final = 60
"""Of the range in which the factor lies: to the last digits of a double."""

NO_VERDICT: Final = 1e-9
"""A total below this is none; verdicts come in ones."""


def neyman_rates(sizes: Floats, shares: Floats, budget: float) -> Floats:
    """Rates that minimise the sum of the relative variances of several estimated totals.

    With one total this is Neyman's allocation (Neyman, 1934): reviews in proportion to a stratum's
    size times the standard deviation within it. With several, the deviations are added up in
    squares, each in units of its total, so that a rare harm counts as much as a frequent one.

    Args:
        sizes: verdicts in each stratum, above 0, shape = (strata,).
        shares: of the verdicts of a stratum that belong to each total, shape = (strata, totals).
        budget: verdicts to draw in all, expected; at most all of them.

    Returns:
        A rate for each stratum, above 0 and at most 1, shape = (strata,).
    """
    totals = sizes @ shares
    relative = np.divide(
        shares * (1.0 - shares), totals**2, out=np.zeros_like(shares), where=totals > NO_VERDICT
    )
    deviation = np.sqrt(relative.sum(axis=1))
    mean_rate = min(1.0, budget / sizes.sum())
    varied = deviation[deviation > 0.0]
    if not varied.size:
        return np.full_like(sizes, mean_rate)

    def rates(factor: float) -> Floats:
        return np.asarray(np.clip(factor * deviation, FLOOR_SHARE * mean_rate, 1.0))

    low, high = 0.0, 1.0 / float(varied.max())
    while rates(high) @ sizes <= budget and high * varied.min() < 1.0:
        low, high = high, 2.0 * high
    for _ in range(HALVINGS):
        middle = (low + high) / 2.0
        if rates(middle) @ sizes > budget:
            high = middle
        else:
            low = middle
    return rates(low)

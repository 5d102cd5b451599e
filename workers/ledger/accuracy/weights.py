"""How many verdicts each reviewed one stands for."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from workers.ledger.accuracy.intervals import Floats, Mask

MIN_REVIEWED: Final = 5
"""Reviewed verdicts below which a stratum does not speak for its own unreviewed ones; with fewer,
the share that was reviewed is too rough to divide by."""


def response_weights(
    probability: Floats, reviewed: Mask, stratum: npt.NDArray[Any], action: npt.NDArray[Any]
) -> Floats:
    """Weights of the reviewed verdicts, which together stand for all that were drawn.

    Some drawn verdicts wait for a reviewer, and some never get one, because their author took the
    post back. Within a stratum the reviewed ones stand for those too (weighting classes: Lohr,
    Sampling, 8.5). Strata with too few reviewed verdicts are joined by action, then altogether.

    Args:
        probability: of inclusion, shape = (n,).
        reviewed: whether a reviewer has decided, shape = (n,).
        stratum: of each drawn verdict, shape = (n,).
        action: of each drawn verdict, shape = (n,).

    Returns:
        Weights of the reviewed verdicts in their order, at least 1, shape = (reviewed.sum(),).
    """
    design = 1.0 / probability
    weights = np.where(reviewed, design, 0.0)
    if not reviewed.any():
        return weights[reviewed]
    _, cells = np.unique(stratum, return_inverse=True)
    small = np.bincount(cells, weights=reviewed)[cells] < MIN_REVIEWED
    _, actions = np.unique(action, return_inverse=True)
    cells = np.where(small, cells.max() + 1 + actions, cells)
    drawn, answered = np.bincount(cells, weights=design), np.bincount(cells, weights=weights)
    weights *= np.divide(drawn, answered, out=np.zeros_like(drawn), where=answered > 0.0)[cells]
    # What no reviewed verdict stands for by now is spread over all of them.
    return np.asarray(weights[reviewed] * (design.sum() / weights.sum()))

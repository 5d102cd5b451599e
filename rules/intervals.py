"""The interval of a share."""

from __future__ import annotations

import math
from typing import Final

Z_95: Final = 1.959964
"""Standard normal quantile of a two-sided 95 %."""


def wilson_interval(hits: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval (Wilson, 1927), which holds near 0 and 1 too.

    Args:
        hits: 0 to ``of``.
        of: at least 1.
        z: standard normal quantile of the two-sided confidence.
    """
    share, spread = hits / of, z * z / of
    centre = (share + spread / 2.0) / (1.0 + spread)
    half = math.sqrt(share * (1.0 - share) * spread + spread * spread / 4.0) / (1.0 + spread)
    # What is inside by the formula must not fall out by rounding, at 0 and 1 above all.
    return max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half))

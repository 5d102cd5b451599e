"""The interval of a share."""

from __future__ import annotations

import math
from typing import Final

CONFIDENCE_Z: Final = 1.959964  # standard normal quantile of 95 %, two-sided


def share_interval(hits: int, rows: int) -> tuple[float, float]:
    """Wilson's score interval at 95 % (Wilson, 1927), which holds near 0 and 1 too.

    Args:
        hits: 0 to `rows`.
        rows: at least 1.
    """
    share, z2 = hits / rows, CONFIDENCE_Z**2
    middle = (share + z2 / (2 * rows)) / (1 + z2 / rows)
    spread = CONFIDENCE_Z * math.sqrt(share * (1 - share) / rows + z2 / (4 * rows**2))
    half = spread / (1 + z2 / rows)
    # What is inside by the formula must not fall out by rounding, at 0 and 1 above all.
    return max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half))

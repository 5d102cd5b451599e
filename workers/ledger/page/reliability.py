"""The reliability diagram: behind which scores how much harm stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workers.ledger.accuracy import ScoreBin
from workers.ledger.page.svg import chart, dot, group, line, percent, text

SIDE: Final = 150.0
LEFT: Final = 34.0
HEAD: Final = 8.0
FOOT: Final = 30.0
MIN_EFFECTIVE: Final = 3.0
"""Below, a bin's interval covers nearly everything: it is drawn pale."""


def reliability(words: str, bins: Sequence[ScoreBin]) -> str:
    """A chart of what share of verdicts is harmful, by score; on the diagonal scores are right."""
    bottom = HEAD + SIDE
    parts = [
        line(LEFT, bottom, LEFT + SIDE, HEAD, "grid"),
        line(LEFT, HEAD, LEFT, bottom, "axis"),
        line(LEFT, bottom, LEFT + SIDE, bottom, "axis"),
        text("score", LEFT + SIDE / 2.0, bottom + 26.0, "tick", "middle"),
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(text(percent(share), LEFT - 5.0, _y(share) + 4.0, "tick", "end"))
        parts.append(text(f"{share:g}", _x(share), bottom + 14.0, "tick", "middle"))
    for one in bins:
        pale = " pale" if one.harmful.effective_n < MIN_EFFECTIVE else ""
        x = _x(one.mean_score)
        marks = line(x, _y(one.harmful.low), x, _y(one.harmful.high), f"whisker{pale}")
        marks += dot(x, _y(one.harmful.value), 3.5, f"point{pale}")
        parts.append(
            group(
                marks,
                f"scores about {one.mean_score:.2f}: {percent(one.harmful.value)} harmful, "
                f"{percent(one.harmful.low)} to {percent(one.harmful.high)}, "
                f"{one.harmful.units} answers",
            )
        )
    return chart("".join(parts), LEFT + SIDE + 12.0, bottom + FOOT, words)


def _x(score: float) -> float:
    return LEFT + SIDE * score


def _y(share: float) -> float:
    return HEAD + SIDE * (1.0 - share)

"""Estimates with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workers.ledger.accuracy import Estimate
from workers.ledger.page.svg import chart, dot, group, line, percent, text, top_of

WIDTH: Final = 545.0
LEFT, RIGHT = 96.0, 350.0
ROW: Final = 25.0
HEAD: Final = 8.0
FOOT: Final = 24.0
TICKS: Final = 5


def forest(words: str, rows: Mapping[str, Estimate | None], *, whole: bool) -> str:
    """A chart of shares by name; one that has no estimate says so.

    Args:
        words: what is shown, for those who do not see it.
        rows: by their labels.
        whole: whether the axis reaches up to 1 whatever is shown.
    """
    known = [one for one in rows.values() if one is not None]
    top = 1.0 if whole else top_of(max((one.high for one in known), default=1.0))
    bottom = HEAD + ROW * len(rows)
    parts = [_axis(top, bottom)]
    for number, (label, estimate) in enumerate(rows.items()):
        y = HEAD + ROW * (number + 0.5)
        parts.append(text(label, LEFT - 10.0, y + 4.0, anchor="end"))
        parts.append(_row(label, estimate, top, y))
    return chart("".join(parts), WIDTH, bottom + FOOT, words)


def _axis(top: float, bottom: float) -> str:
    parts = []
    for tick in range(TICKS + 1):
        share = top * tick / TICKS
        x = _place(share, top)
        parts.append(line(x, HEAD, x, bottom, "axis" if not tick else "grid"))
        parts.append(text(percent(share, top), x, bottom + 16.0, "tick", "middle"))
    return "".join(parts)


def _row(label: str, estimate: Estimate | None, top: float, y: float) -> str:
    if estimate is None:
        return text("not enough answers", LEFT + 8.0, y + 4.0, "tick")
    low, high = _place(estimate.low, top), _place(estimate.high, top)
    fine = top / 10.0
    bounds = f"{percent(estimate.low, fine)} to {percent(estimate.high, fine)}"
    marks = (
        line(low, y, high, y, "whisker")
        + line(low, y - 4.0, low, y + 4.0, "whisker")
        + line(high, y - 4.0, high, y + 4.0, "whisker")
        + dot(_place(estimate.value, top), y, 4.5, "point")
        + text(percent(estimate.value, fine), RIGHT + 14.0, y + 4.0, "value")
        + text(bounds, WIDTH, y + 4.0, "tick", "end")
    )
    return group(marks, f"{label}: {bounds}; effective n {estimate.effective_n:.0f}")


def _place(share: float, top: float) -> float:
    return LEFT + (RIGHT - LEFT) * min(1.0, share / top)

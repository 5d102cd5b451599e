"""How far scores have drifted, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from workers.ledger.page.svg import chart, dot, group, line, path, text

WIDTH: Final = 220.0
LEFT: Final = 34.0
HEAD: Final = 10.0
SIDE: Final = 84.0
FOOT: Final = 20.0

STABLE: Final = 0.1
SHIFTED: Final = 0.25
"""As the index is commonly read: below the first nothing happened, above the second something did
(Siddiqi, Credit Risk Scorecards, 2006)."""


def drift(words: str, days: Mapping[datetime, float]) -> str:
    """A chart of the population stability index by day."""
    top = max(0.3, *days.values())
    first, last = min(days), max(days)
    span = (last - first).total_seconds() or 1.0
    bottom = HEAD + SIDE

    def place(day: datetime, index: float) -> tuple[float, float]:
        x = LEFT + (WIDTH - LEFT - 8.0) * (day - first).total_seconds() / span
        return x, bottom - SIDE * index / top

    parts = [
        line(LEFT, bottom, WIDTH, bottom, "axis"),
        text("0", LEFT - 5.0, bottom + 4.0, "tick", "end"),
    ]
    for limit, kind in ((STABLE, "grid"), (SHIFTED, "limit")):
        _, y = place(first, limit)
        parts.append(line(LEFT, y, WIDTH, y, kind))
        parts.append(text(f"{limit:g}", LEFT - 5.0, y + 4.0, "tick", "end"))
    points = [(day, place(day, index)) for day, index in sorted(days.items())]
    parts.append(path((point for _, point in points), "curve"))
    for day, (x, y) in points:
        parts.append(group(dot(x, y, 2.6, "point"), f"{day:%Y-%m-%d}: {days[day]:.3f}"))
    parts.append(text(f"{first:%d %b}", LEFT, bottom + 15.0, "tick"))
    if last > first:
        parts.append(text(f"{last:%d %b}", WIDTH - 8.0, bottom + 15.0, "tick", "end"))
    return chart("".join(parts), WIDTH, bottom + FOOT, words)

"""The sets whose goal no model has reached, model by model: ``python -m bench.tried``.

Draws ``docs/images/tried.png`` from ``bench/results/tried.json``, which holds the figures that
``make bench-accuracy`` printed for each model that was trained whole (dev rows). Only the last
one's weights are kept, so the others' figures cannot be measured again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from moderation.evaluation.extras import extra
from moderation.evaluation.pictures.style import DOTS_PER_INCH, INK, STYLE

TRIED: Final = Path(__file__).with_name("results") / "tried.json"
PICTURE: Final = Path("docs/images/tried.png")
REACHED, GOAL = "#2f6db3", "#b3402f"
ROOM: Final = 0.25  # of the values' spread, above and below


def main() -> None:
    """Draw the picture.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    tried = json.loads(TRIED.read_text("utf-8"))
    with extra("matplotlib").rc_context(STYLE):
        figure = extra("matplotlib.figure").Figure(figsize=(9.6, 6.0), layout="constrained")
        for place, axes in enumerate(figure.subplots(2, 2).flat):
            _draw_set(axes, tried["sets"][place], [m["figures"][place] for m in tried["models"]])
        lines = [f"{n}  {m['change']}" for n, m in enumerate(tried["models"], start=1)]
        figure.supxlabel("\n".join(lines), x=0.02, ha="left", fontsize=8, color=INK)
        figure.savefig(PICTURE, dpi=DOTS_PER_INCH)
    print(f"drawn to {PICTURE}")


def _draw_set(axes: Any, one: dict[str, Any], values: list[float | None]) -> None:
    known = [(n, value) for n, value in enumerate(values, start=1) if value is not None]
    axes.plot(*zip(*known, strict=True), marker="o", color=REACHED)
    for number, value in known:
        axes.annotate(
            f"{value:.3f}", (number, value), (0, 7), textcoords="offset points", ha="center"
        )
    axes.axhline(one["goal"], color=GOAL, linestyle="--", linewidth=1)
    axes.text(1, one["goal"], f"goal {one['goal']:.2f} ", color=GOAL, ha="left", va="bottom")
    heights = [value for _, value in known] + [one["goal"]]
    room = ROOM * (max(heights) - min(heights))
    axes.set_ylim(min(heights) - room, max(heights) + room)
    axes.set_title(f"{one['name']}: {one['figure']}", loc="left")
    axes.set_xlim(0.5, len(values) + 0.5)
    axes.set_xticks(range(1, len(values) + 1))


if __name__ == "__main__":
    main()

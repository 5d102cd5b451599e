"""Challengers beside what is live, as a person reads it and as a program does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from workers.ledger.accuracy.figures import Figures
from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.promotion import MIN_DISAGREED, Advice, Difference, Promotion


def promotions_as_text(promotions: Sequence[Promotion]) -> str:
    """A paragraph a challenger."""
    if not promotions:
        return "no rule and no model is in shadow, or none of their verdicts has been answered"
    return "\n\n".join("\n".join(_lines(one)) for one in promotions)


def promotions_as_object(promotions: Sequence[Promotion]) -> str:
    """One JSON object; ``answers_needed`` is null where intervals are narrow enough."""
    return json.dumps(
        {
            "challengers": [
                {
                    "judge": one.judge,
                    "advice": one.advice.value,
                    "answers_needed": one.answers_needed,
                    "answered": one.answered,
                    "disagreed": one.disagreed,
                    "verdicts": one.verdicts,
                    "live": _figures(one.live),
                    "then": _figures(one.then),
                    "scores": [asdict(change) for change in one.scores],
                    **{
                        name: asdict(getattr(one, name))
                        for name in ("caught", "let_go", "alarms", "cleared")
                    },
                    **{
                        f"{name}_gain": None if gain is None else asdict(gain)
                        for name, gain in (("recall", one.recall), ("precision", one.precision))
                    },
                }
                for one in promotions
            ]
        }
    )


def _lines(one: Promotion) -> Iterator[str]:
    yield (
        f"{one.judge}: {one.answered} answers that stand for {one.verdicts:.0f} verdicts; "
        f"{one.disagreed} on which it differs from what is live"
    )
    for figure, gain in (("recall", one.recall), ("precision", one.precision)):
        yield (
            f"  {figure:<10}{_share(one.live, figure):>25} -> {_share(one.then, figure):<25}"
            f"{_points(gain)}"
        )
    yield (
        f"  harmful: {_count(one.caught)} more flagged, {_count(one.let_go)} fewer; "
        f"harmless: {_count(one.alarms)} more, {_count(one.cleared)} fewer"
    )
    for change in one.scores:
        yield (
            f"  {change.category:<12}calibration error {_number(change.live)} -> "
            f"{_number(change.then)}; shift of scores {_number(change.shift)}"
        )
    yield f"  {_advice(one)}"


def _advice(one: Promotion) -> str:
    needed = one.answers_needed
    more = "" if needed is None else f"; intervals of +-2 points take about {needed} answers"
    if one.advice is not Advice.UNDECIDED:
        return f"the figures say: {one.advice.value}{more}"
    if one.disagreed < MIN_DISAGREED:
        few = f"fewer than {MIN_DISAGREED} answered verdicts would change"
        return f"no recommendation: {few}{more}"
    return f"no recommendation: the intervals are too wide to tell{more}"


def _figures(figures: Figures) -> dict[str, object]:
    return {name: asdict(estimate) for name, estimate in figures.shares.items()}


def _share(figures: Figures, name: str) -> str:
    found = figures.shares.get(name)
    return "-" if found is None else f"{found.value:.1%} ({found.low:.1%}-{found.high:.1%})"


def _points(gain: Difference | None) -> str:
    if gain is None:
        return "unknown"
    return f"{100 * gain.value:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})"


def _number(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"


def _count(estimate: Estimate) -> str:
    return f"{estimate.value:.0f} ({estimate.low:.0f}-{estimate.high:.0f})"

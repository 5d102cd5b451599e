"""The table of challengers beside what is live."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

from workers.ledger.accuracy import Advice, Difference, Estimate, Figures, Promotion, ScoreChange
from workers.ledger.page.svg import percent

ADVICE_CLASS: Final = {
    Advice.PROMOTE: "promote",
    Advice.KEEP_OUT: "keep",
    Advice.WEIGH: "weigh",
    Advice.UNDECIDED: "undecided",
}

HEADS: Final = (
    "On trial",
    "The figures say",
    "Recall",
    "Precision",
    "Harmful: more flagged",
    "fewer",
    "Harmless: more flagged",
    "fewer",
)

SCORE_HEADS: Final = ("On trial", "Category", "Calibration error", "Shift of scores")


def trials(promotions: Sequence[Promotion]) -> str:
    """A table, a row a challenger."""
    rows = "".join(map(_row, promotions))
    return _table(HEADS, rows)


def scores_on_trial(promotions: Sequence[Promotion]) -> str:
    """A table, a row a category of each model; empty where only rules are on trial."""
    rows = "".join(_score_row(one.judge, change) for one in promotions for change in one.scores)
    return _table(SCORE_HEADS, rows) if rows else ""


def _table(names: Sequence[str], rows: str) -> str:
    heads = "".join(f"<th>{head}</th>" for head in names)
    return (
        f'<div class="card scroll"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _score_row(judge: str, change: ScoreChange) -> str:
    cells = (
        f'<span class="id long">{escape(judge)}</span>',
        escape(change.category.replace("_", " ")),
        f"{_error(change.live)} → {_error(change.then)}",
        _error(change.shift),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _error(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _row(one: Promotion) -> str:
    cells = (
        _name(one),
        _advice(one),
        _change(one, "recall", one.recall),
        _change(one, "precision", one.precision),
        *map(count, (one.caught, one.let_go, one.alarms, one.cleared)),
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _name(one: Promotion) -> str:
    basis = f"{one.answered} answers, {one.disagreed} on which they differ"
    return f'<span class="id long">{escape(one.judge)}</span><small>{basis}</small>'


def count(estimate: Estimate) -> str:
    """A number of verdicts, with its interval below."""
    return f"{estimate.value:,.0f}<small>{estimate.low:,.0f} to {estimate.high:,.0f}</small>"


def _change(one: Promotion, figure: str, difference: Difference | None) -> str:
    if difference is None:
        return "unknown"
    ends = f"{100 * difference.low:+.1f} to {100 * difference.high:+.1f} points"
    before, after = _value(one.live, figure), _value(one.then, figure)
    return f"{before} → {after}<small>{ends}</small>"


def _value(figures: Figures, figure: str) -> str:
    found = figures.shares.get(figure)
    return "–" if found is None else percent(found.value)


def _advice(one: Promotion) -> str:
    needed = one.answers_needed
    more = "" if needed is None else f"<small>±2 points: about {needed:,} answers</small>"
    return f'<span class="advice {ADVICE_CLASS[one.advice]}">{one.advice.value}</span>{more}'

"""The page as a whole."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final, TypeVar

from workers.audit_plan import UNDETERMINED
from workers.ledger.accuracy import FIGURES, Estimate, Figures, Promotion, Report, Subject
from workers.ledger.accuracy.report import ALL, ANY, LIVE
from workers.ledger.page.drift import drift
from workers.ledger.page.forest import forest
from workers.ledger.page.reliability import reliability
from workers.ledger.page.style import STYLE
from workers.ledger.page.svg import percent, top_of
from workers.ledger.page.trials import count, scores_on_trial, trials

T = TypeVar("T")

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; style-src "
    f"'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)
"""The page's own style sheet, and nothing else from anywhere."""

MEANINGS: Final = {
    "precision": ("Precision", "of what was flagged, harmful in reviewers' eyes"),
    "recall": ("Recall", "of what is harmful, flagged"),
    "false_positive_rate": ("False-positive rate", "of what is harmless, flagged"),
    "prevalence": ("Prevalence", "of all verdicts, on harmful posts"),
}
WHOLE: Final = frozenset({"precision", "recall"})
"""Figures whose axis reaches to 100 %."""


def accuracy_page(
    report: Report, promotions: Sequence[Promotion], window: timedelta, now: datetime
) -> str:
    """The page, as HTML.

    Args:
        report: what is shown.
        promotions: challengers beside what is live.
        window: how far back the report reaches.
        now: to tell the age of the answers.
    """
    body = "".join(_sections(report, promotions, window, now))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>How accurate the verdicts are</title><style>{STYLE}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def _sections(
    report: Report, promotions: Sequence[Promotion], window: timedelta, now: datetime
) -> Iterator[str]:
    yield "<h1>How accurate the verdicts are</h1>"
    if report.newest is None:
        yield "<p>No verdict has been drawn into the audit sample yet.</p>"
        return
    yield (
        f'<p class="soft">The {window.days} days up to {report.newest:%Y-%m-%d %H:%M} UTC. '
        "Estimated from a random sample of all verdicts, allowed ones too, that reviewers "
        "answered; each with its 95 % interval.</p>"
    )
    yield _facts(report, now)
    if not report.figures:
        yield "<p>None of the sampled verdicts has been answered yet.</p>"
        return
    yield "<h2>By category</h2>"
    yield _forests(report, lambda subject: subject.category if subject.language == ALL else None)
    languages = {subject.language for subject in report.figures} - {ALL}
    if languages:
        yield _heading("By language", "Harm of whatever category.")
        yield _forests(
            report, lambda subject: subject.language if subject.category == ANY else None
        )
    yield from _sides(report)
    yield "<h2>On trial</h2>"
    if promotions:
        yield (
            '<p class="soft">Rules and models in shadow beside what is live, by the same answers: '
            "how many verdicts of the window would change. A rule that only shifts scores changes "
            "fewer than it fires on; a backtest tells which.</p>"
        )
        yield trials(promotions)
        scores = scores_on_trial(promotions)
        if scores:
            yield _heading(
                "Scores on trial",
                "Calibration error of the live model and of the one on trial, by the same answers, "
                "and the population stability index between their scores on the same verdicts. "
                "Where scores shift by more than 0.25, thresholds have to be chosen anew.",
            )
            yield scores
    else:
        yield (
            '<p class="soft">No rule and no model is in shadow, or none of their verdicts has been '
            "answered.</p>"
        )
    yield _everything(report)


def _facts(report: Report, now: datetime) -> str:
    share = report.answered / report.drawn if report.drawn else 0.0
    facts = [
        (f"{report.drawn:,}", "verdicts drawn"),
        (f"{report.answered:,}", f"answered ({percent(share)})"),
        (f"{report.twice_answered:,}", "by two reviewers or more"),
    ]
    if report.median_label_time is not None:
        age = max(timedelta(0), now - report.median_label_time)
        facts.append((_age(age), "since the middle answer"))
    overall = report.figures.get(Subject(LIVE, ANY, ALL))
    if overall is not None:
        missed = overall.missed
        facts.append(
            (f"{missed.value:,.0f}", f"harmful posts missed ({missed.low:,.0f}–{missed.high:,.0f})")
        )
    return _cards(facts)


def _cards(facts: Iterable[tuple[str, str]]) -> str:
    """Numbers, each with its meaning below."""
    cards = "".join(
        f'<div class="card fact"><b>{escape(value)}</b><span>{escape(words)}</span></div>'
        for value, words in facts
    )
    return f'<div class="grid facts">{cards}</div>'


def _age(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    return f"{hours:.0f} h" if hours < 48 else f"{age.days} days"  # noqa: PLR2004 - two days


def _forests(report: Report, label: Callable[[Subject], str | None]) -> str:
    """Every figure of what is live, by what ``label`` says of a subject."""
    parts: dict[str, Figures] = {}
    for subject, figures in report.figures.items():
        name = label(subject) if subject.judge == LIVE else None
        if name is not None:
            parts[_words(name)] = figures
    return f'<div class="grid">{"".join(_forest(figure, parts) for figure in FIGURES)}</div>'


def _forest(figure: str, parts: Mapping[str, Figures]) -> str:
    name, meaning = MEANINGS[figure]
    rows = {label: figures.shares.get(figure) for label, figures in parts.items()}
    drawn = forest(f"{name} with 95 % intervals", rows, whole=figure in WHOLE)
    return (
        f'<figure class="card"><h3>{name} <span class="soft">{meaning}</span></h3>{drawn}</figure>'
    )


def _sides(report: Report) -> Iterator[str]:
    """Calibration, drift and agreement."""
    if report.reliability:
        yield _heading(
            "Calibration",
            "On the diagonal a score of 0.8 means that four in five are harmful. Pale points rest "
            "on fewer than three answers.",
        )
        yield _small(
            report.reliability,
            remark=lambda name, _: f"error {report.calibration[name]:.3f}",
            draw=lambda words, bins: reliability(f"Share of harm by score, {words}", bins),
        )
    if report.drift:
        yield _heading(
            "Score drift",
            "Population stability index, each day against the days before. Below 0.1 scores are as "
            "they were; above 0.25, dashed, they moved.",
        )
        yield _small(
            report.drift,
            remark=lambda _, days: f"at most {max(days.values()):.3f}",
            draw=lambda words, days: drift(f"Drift of scores, {words}", days),
        )
    if report.agreement:
        yield _heading(
            "Do reviewers agree?",
            "Krippendorff's alpha where two answered: 1 is full agreement, 0 is what chance gives. "
            "Below 0.667 answers are no ground for conclusions (Krippendorff, 2004).",
        )
        yield _cards((f"{alpha:.2f}", _words(name)) for name, alpha in report.agreement.items())


def _heading(title: str, meaning: str) -> str:
    return f'<h2>{title}</h2><p class="soft">{meaning}</p>'


def _small(
    values: Mapping[str, T], *, remark: Callable[[str, T], str], draw: Callable[[str, T], str]
) -> str:
    """A small chart a category, with its name and a remark."""
    cards = "".join(
        f'<figure class="card"><h3>{escape(_words(name))} '
        f'<span class="soft">{escape(remark(name, value))}</span></h3>'
        f"{draw(_words(name), value)}</figure>"
        for name, value in values.items()
    )
    return f'<div class="grid small">{cards}</div>'


def _everything(report: Report) -> str:
    """Every figure as a table."""
    heads = ("judge", "category", "language", *(MEANINGS[name][0] for name in FIGURES), "missed")
    rows = (
        (
            *(f'<span class="id">{escape(word)}</span>' for word in subject),
            *(_cell(figures.shares.get(name)) for name in FIGURES),
            count(figures.missed),
        )
        for subject, figures in report.figures.items()
    )
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    head = "".join(f"<th>{word}</th>" for word in heads)
    return (
        '<details class="card scroll"><summary>All figures, with effective sample sizes</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details>"
    )


def _cell(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    top = top_of(estimate.high)
    ends = f"{percent(estimate.low, top)} to {percent(estimate.high, top)}"
    return f"{percent(estimate.value, top)}<small>{ends}; n {estimate.effective_n:.0f}</small>"


def _words(name: str) -> str:
    return {ANY: "any harm", UNDETERMINED: "unknown"}.get(name, name.replace("_", " "))

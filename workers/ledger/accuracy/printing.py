"""The report as a person reads it, and as a program does."""

from __future__ import annotations

import json
from dataclasses import asdict

from workers.ledger.accuracy.figures import FIGURES
from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.report import Report

ABSENT = "–"


def as_text(report: Report) -> str:
    """A table a person can read; the rules in shadow stand below what is live."""
    heads = ("precision", "recall", "false positives", "prevalence", "missed", "eff. n")
    sample = f"{report.drawn} verdicts drawn, {report.answered} answered"
    lines = [
        f"{sample}, {report.twice_answered} by two reviewers or more; 95 % intervals",
        "",
        f"{'judge':<28}{'category':<14}{'language':<10}" + "".join(f"{it:>25}" for it in heads),
    ]
    for subject, figures in report.figures.items():
        found = [figures.shares.get(name) for name in FIGURES]
        smallest = min((it.effective_n for it in found if it is not None), default=0.0)
        cells = [*map(_share, found), _total(figures.missed), f"{smallest:.0f}"]
        lines.append(
            f"{subject.judge:<28}{subject.category:<14}{subject.language:<10}"
            + "".join(f"{cell:>25}" for cell in cells)
        )
    for name, values in (
        ("calibration error", report.calibration),
        ("score drift (PSI)", report.newest_drift),
        ("agreement (alpha)", report.agreement),
    ):
        shown = ", ".join(f"{category} {value:.3f}" for category, value in values.items())
        lines.append(f"{name}: {shown or ABSENT}")
    return "\n".join(lines)


def as_object(report: Report) -> str:
    """One JSON object."""
    middle = report.median_label_time
    return json.dumps(
        {
            "figures": [
                {
                    **subject._asdict(),
                    **{name: asdict(estimate) for name, estimate in figures.shares.items()},
                    "missed": asdict(figures.missed),
                }
                for subject, figures in report.figures.items()
            ],
            "calibration_error": dict(report.calibration),
            "score_drift": dict(report.newest_drift),
            "score_drift_by_day": {
                category: {day.isoformat(): index for day, index in days.items()}
                for category, days in report.drift.items()
            },
            "reliability": {
                category: [asdict(one) for one in bins]
                for category, bins in report.reliability.items()
            },
            "reviewer_agreement": dict(report.agreement),
            "drawn": report.drawn,
            "answered": report.answered,
            "answered_twice": report.twice_answered,
            "median_label_time": None if middle is None else middle.isoformat(),
        }
    )


def _share(estimate: Estimate | None) -> str:
    if estimate is None:
        return ABSENT
    return f"{estimate.value:.2%} ({estimate.low:.2%}–{estimate.high:.2%})"


def _total(estimate: Estimate) -> str:
    return f"{estimate.value:.0f} ({estimate.low:.0f}–{estimate.high:.0f})"

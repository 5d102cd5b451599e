"""Has something moved? The scores, their calibration, and what they flag."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.limits import CALIBRATION_LIMITS, DRIFT_LIMITS
from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import rate_or_zero

NO_DRIFT: Final = "the sample does not reach over a day yet"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Score drift",
        "Population stability index, the newest day against the days before. A new model moves it "
        "for a day; without one, the posts have changed.",
        Query(
            "max by (category) (moderation_ledger_score_drift)", "{{category}}", nothing=NO_DRIFT
        ),
        unit="short",
        limits=DRIFT_LIMITS,
        alert="ScoresDrift",
    )
    yield graph(
        "Calibration error",
        "How far a score is from the share of posts at that score that reviewers find harmful. "
        "Thresholds mean what they say only while this is small.",
        Query(
            "max by (category) (moderation_ledger_calibration_error)",
            "{{category}}",
            nothing="too few answers to compare scores with",
        ),
        unit="percentunit",
        limits=CALIBRATION_LIMITS,
        alert="ScoresDrift",
    )
    yield graph(
        "Category flags",
        "Verdicts in which a category was a reason, by the action it asked for and by who said so: "
        "model, rule or bank. The first place where another kind of posts shows.",
        Query(
            "sum by (category, action, source) "
            "(rate(moderation_category_flags_total[$__rate_interval]))",
            "{{category}} {{action}}, by {{source}}",
            nothing="nothing was flagged",
        ),
        Query(rate_or_zero("moderation_verdicts_total"), "verdicts"),
        unit="cps",
    )

"""Is it right? What is decided, how often that holds, and whether the scores have moved."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import DRIFT_LIMITS
from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import rate
from deploy.grafana.rows.drift import NO_DRIFT
from deploy.grafana.rows.sample import NO_ANSWERS


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Precision and recall",
        "Of all verdicts, whatever the harm: the estimate between the ends of its 95 % interval, "
        "from the sample that reviewers answer. A wide band is a sample that is too small.",
        Query(
            'max by (figure, bound) (moderation_ledger_accuracy_ratio{judge="live",'
            'category="any",language="all",figure=~"precision|recall"})',
            "{{figure}}, {{bound}}",
            nothing=NO_ANSWERS,
        ),
        unit="percentunit",
        alert="AccuracyIsBelowTarget",
    )
    yield graph(
        "Verdicts by action",
        "A step without a new model or policy version is a change in the traffic: look at "
        "category flags and rule hits for which.",
        Query(rate("moderation_verdicts_total", "action"), "{{action}}"),
        unit="cps",
        stacked=True,
    )
    yield graph(
        "Score drift, the most of any category",
        "How far the scores of the newest day are from those of the days before. Over 0.25 the "
        "model sees another population than the one that its accuracy was measured on.",
        Query("max(moderation_ledger_score_drift)", "stability index", nothing=NO_DRIFT),
        unit="short",
        limits=DRIFT_LIMITS,
        alert="ScoresDrift",
    )

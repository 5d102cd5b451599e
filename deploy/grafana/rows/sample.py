"""How sure is that? The audit sample: how many verdicts, answers and reviewers stand behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.rows.accuracy import chosen

NO_ANSWERS: Final = "reviewers have answered nothing of the audit sample yet"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Audit sample",
        "Verdicts drawn at random, those that a reviewer answered, and those that two did. What is "
        "drawn and never answered tells nothing.",
        Query("max by (state) (moderation_ledger_audit_verdicts)", "{{state}}"),
        unit="short",
    )
    yield graph(
        "Answers behind each figure",
        "How many answers, drawn with equal probabilities, would say as much. Under a hundred, "
        "intervals are too wide to act on.",
        Query(
            f"max by (figure, judge) (moderation_ledger_accuracy_effective_samples{chosen()})",
            "{{judge}}, {{figure}}",
            nothing=NO_ANSWERS,
        ),
        unit="short",
        alert="AccuracyIsBelowTarget",
    )
    yield graph(
        "Reviewers agree, and how old their answers are",
        "Krippendorff's alpha by category, where two answered: under 0.4 the target itself is "
        "unclear. And days since the middle one of the answers was given.",
        Query(
            "max by (category) (moderation_ledger_reviewer_agreement)",
            "{{category}}",
            nothing="no verdict was answered twice",
        ),
        Query(
            "max(moderation_ledger_label_age_seconds) / 86400", "age in days", nothing=NO_ANSWERS
        ),
        unit="short",
        alert="ReviewersDisagree",
    )

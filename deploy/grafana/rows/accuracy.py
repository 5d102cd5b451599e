"""How right is it? Each figure with the ends of its interval."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph

_NO_ANSWERS: Final = "no answers to these verdicts yet"

_FIGURES: Final = (
    (
        "Precision",
        "precision",
        (
            "Of what it acted on, the share that reviewers found harmful. Low: it moves harmless "
            "posts."
        ),
    ),
    (
        "Recall",
        "recall",
        "Of what reviewers found harmful, the share that it acted on. Low: it misses harm.",
    ),
    (
        "False positives",
        "false_positive_rate",
        "Of what reviewers found harmless, the share that it acted on.",
    ),
    (
        "Prevalence",
        "prevalence",
        (
            "Of all posts, the share that reviewers found harmful. It belongs to the traffic, not "
            "to the machine; when it moves, the other figures may follow."
        ),
    ),
)


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    for title, figure, description in _FIGURES:
        yield graph(
            title,
            description,
            Query(
                "max by (judge, category, language, bound) "
                f"(moderation_ledger_accuracy_ratio{chosen(figure)})",
                "{{judge}} {{category}} {{language}}, {{bound}}",
                nothing=_NO_ANSWERS,
            ),
            unit="percentunit",
            alert="AccuracyIsBelowTarget",
            width=12,
        )
    yield graph(
        "Harmful posts missed",
        "Posts of the window that reviewers would have found harmful and it left alone, scaled up "
        "from the sample to all posts.",
        Query(
            f"max by (judge, category, language, bound) (moderation_ledger_missed_posts{chosen()})",
            "{{judge}} {{category}} {{language}}, {{bound}}",
            nothing=_NO_ANSWERS,
        ),
        unit="short",
        width=24,
    )


def chosen(figure: str = "") -> str:
    """The selector of what is chosen above, for one figure or, when empty, for all."""
    one = f'figure="{figure}",' if figure else ""
    return f'{{{one}judge=~"$judge",category=~"$category",language=~"$language"}}'

"""What do people decide, and what do authors contest?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Decisions by action, last hour",
        "What reviewers decided. All of one kind for hours is a queue that asks for nothing else, "
        "or a reviewer who no longer looks.",
        Query("sum by (action) (increase(moderation_review_decisions_total[1h]))", "{{action}}"),
        unit="short",
        stacked=True,
        width=12,
    )
    yield graph(
        "Appeals, last hour",
        "Verdicts that authors contest, by what was made of them. Refused: too late, or on a post "
        "that nobody restricted.",
        Query("sum by (outcome) (increase(moderation_review_appeals_total[1h]))", "{{outcome}}"),
        unit="short",
        width=12,
    )

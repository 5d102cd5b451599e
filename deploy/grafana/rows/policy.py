"""Which policy judges? Versions, refusals, reloads."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import TRIPPED_LIMITS
from deploy.grafana.panels import Panel, Query, graph, grid
from deploy.grafana.queries import WORKER
from deploy.grafana.rows.changed import policies_in_service, reloads


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield policies_in_service()
    yield graph(
        "Workers that refused a policy",
        "They judge by the one before. The remarks of /readyz and the log say why.",
        Query(f"sum(moderation_policy_refused{{{WORKER}}})", "refused"),
        unit="short",
        limits=TRIPPED_LIMITS,
        alert="PolicyWasRefused",
    )
    yield reloads()
    yield grid(
        "Categories unmatched",
        "Categories that only the policy names, whose thresholds no score can meet, or that only "
        "the model scores, which no threshold meets. A mistyped name is one of each.",
        Query(
            "count by (category, known_to) "
            f"(moderation_policy_category_unmatched{{{WORKER}}} == 1)",
            nothing="policy and model name the same categories",
        ),
        unit="short",
        columns={"category": "Category", "known_to": "Known to", "Value": "Workers"},
        alert="PolicyNamesUnknownCategory",
        width=24,
    )

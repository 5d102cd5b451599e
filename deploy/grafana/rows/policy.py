"""Which policy judges? Versions, refusals, reloads."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import TRIPPED_LIMITS
from deploy.grafana.panels import Panel, Query, graph
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

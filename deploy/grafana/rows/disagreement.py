"""Where do people disagree with it? Decisions on what was escalated; no estimate of accuracy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, bars, grid

_NO_DECISIONS: Final = "reviewers have decided nothing yet"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield grid(
        "Reviewers' decisions, last day",
        "What the machine said against what a person decided. Only escalated posts are here: "
        "this is no estimate of accuracy, as what was allowed is never seen by a reviewer.",
        Query(
            "sum by (machine_action, human_action) "
            "(increase(moderation_ledger_decisions_total[1d]))",
            nothing=_NO_DECISIONS,
        ),
        unit="short",
        columns={"machine_action": "Machine", "human_action": "Reviewer", "Value": "Posts"},
    )
    yield bars(
        "Overturned, last day",
        "Verdicts that a reviewer made milder, by the category that had carried them. A long "
        "bar names the threshold or the rule to look at first.",
        Query(
            "sum by (category) (increase(moderation_ledger_overturned_total[1d]))",
            "{{category}}",
            nothing="nothing was overturned",
        ),
        unit="short",
    )
    yield grid(
        "Share overturned, 30 days",
        "By the rule or category that brought the post up. Near 1, it costs reviewers' time for "
        "nothing.",
        Query(
            "max by (by, name) (moderation_review_overturn_rate)",
            nothing=_NO_DECISIONS,
        ),
        unit="percentunit",
        columns={"by": "By", "name": "Name", "Value": "Overturned"},
        alert="MachineIsMostlyOverturned",
    )

"""What waits for people?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import FAILURE_LIMITS
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.rows.waiting import reviews
from deploy.grafana.series import rates


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield from reviews()
    yield number(
        "Decisions not yet sent",
        "Decisions in the console's database that the broker has not acknowledged. They are "
        "safe; when this grows, the relay cannot reach Kafka.",
        "max(moderation_review_outbox_pending)",
        unit="short",
        limits=FAILURE_LIMITS,
        width=6,
    )
    yield number(
        "Decisions without their verdict",
        "Posts that a reviewer decided and whose machine verdict the ledger has not seen. "
        "Moments are normal; a lasting number means that verdicts were lost or expired.",
        "sum(moderation_ledger_unmatched_decisions)",
        unit="short",
        limits=FAILURE_LIMITS,
        width=6,
    )
    yield graph(
        "Items by state",
        "Posts in the console.",
        Query("max by (state) (moderation_review_items)", "{{state}}"),
        unit="short",
        stacked=True,
        alert="ReviewsAreOverdue",
        width=12,
    )
    yield graph(
        "In and out",
        "What workers escalate against what reviewers decide. The queue grows by the difference.",
        *rates(
            escalated="moderation_review_escalations_consumed_total",
            claimed="moderation_review_claims_total",
            decided="moderation_review_decisions_total",
            undone="moderation_review_undone_total",
        ),
        unit="cps",
        alert="ReviewsAreOverdue",
        width=12,
    )

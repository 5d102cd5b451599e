"""What is it waiting for? Reviewers, stages and the device."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import FAILURE_LIMITS, OLDEST_LIMITS, OVERDUE_LIMITS
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.queries import quantile


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield number(
        "Oldest open review",
        "How long the post at the end of the reviewers' queue has waited.",
        "max(moderation_review_oldest_open_seconds)",
        unit="s",
        limits=OLDEST_LIMITS,
        width=6,
    )
    yield number(
        "Overdue reviews",
        "Open posts past their due time: reviewers are too few, or one queue is forgotten.",
        "sum(moderation_review_overdue_items)",
        unit="short",
        limits=OVERDUE_LIMITS,
        width=6,
    )
    yield number(
        "Decisions not yet sent",
        "Decisions in the console's database that the broker has not acknowledged. They are "
        "safe; when this grows, the relay cannot reach Kafka.",
        "sum(moderation_review_outbox_pending)",
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
        "Review queue",
        "Posts in the console, by state.",
        Query("sum by (state) (moderation_review_items)", "{{state}}"),
        unit="short",
        stacked=True,
    )
    yield graph(
        "Stage latency, p95",
        "Time that a group of posts spends in each stage. Media: hosts and decoding. Model: "
        "the device. Rules should stay in the milliseconds.",
        Query(quantile(0.95, "moderation_stage_seconds", "stage"), "{{stage}}"),
        unit="s",
    )
    yield graph(
        "Batch size",
        "Posts that the device took at once. Larger batches under load are the design: the "
        "next batch forms while the device works.",
        Query(quantile(0.5, "moderation_batch_posts"), "p50"),
        Query(quantile(0.95, "moderation_batch_posts"), "p95"),
        unit="short",
    )

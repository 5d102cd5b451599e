"""What is it waiting for? Reviewers, quotas, stages, and what is away."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import (
    OLDEST_LIMITS,
    OVERDUE_LIMITS,
    PAUSED_LIMITS,
    STAGE_LIMITS,
    TRIPPED_LIMITS,
)
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.queries import WORKER, rate
from deploy.grafana.series import by_stage


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield from reviews()
    yield number(
        "Quotas tripped",
        "Rules that moved more posts than their quota allows. What they would move goes to "
        "reviewers until somebody resets them; the policy dashboard names them.",
        f"sum(max by (rule) (moderation_quota_tripped{{{WORKER}}})) or vector(0)",
        unit="short",
        limits=TRIPPED_LIMITS,
        alert="QuotaIsUsedUp",
        width=6,
    )
    yield number(
        "Intake paused",
        "Workers that have stopped reading because too much is in flight. Moments are normal "
        "under load; minutes mean that the model or the media are too slow for the traffic.",
        f"sum(moderation_intake_paused{{{WORKER}}}) or vector(0)",
        unit="short",
        limits=PAUSED_LIMITS,
        alert="LagGrows",
        width=6,
    )
    yield graph(
        "Review queue",
        "Posts in the console, by state.",
        Query("max by (state) (moderation_review_items)", "{{state}}"),
        unit="short",
        stacked=True,
        alert="ReviewsAreOverdue",
    )
    yield graph(
        "Stage latency, p95",
        "Time that a group of posts spends in each stage. Media: hosts and decoding. Model: "
        "the device. Rules should stay in the milliseconds.",
        by_stage(0.95),
        unit="s",
        limits=STAGE_LIMITS,
    )
    yield graph(
        "Put off",
        "Posts put off to posts.retry, by what was away, and how many wait there. They are judged "
        "without it after a few attempts, and degraded.",
        Query(
            rate("moderation_retries_total", "reason"),
            "{{reason}} a second",
            nothing="nothing was put off",
        ),
        Query(f"sum(moderation_retry_lag_records{{{WORKER}}})", "waiting"),
        unit="short",
    )


def reviews() -> Iterator[Panel]:
    """How far behind reviewers are. The console's gauges stand for all of its replicas."""
    yield number(
        "Oldest open review",
        "How long the post at the end of the reviewers' queue has waited.",
        "max(moderation_review_oldest_open_seconds)",
        unit="s",
        limits=OLDEST_LIMITS,
        alert="ReviewsAreOverdue",
        width=6,
    )
    yield number(
        "Overdue reviews",
        "Open posts past their due time: reviewers are too few, or one queue is forgotten.",
        "max(moderation_review_overdue_items)",
        unit="short",
        limits=OVERDUE_LIMITS,
        alert="ReviewsAreOverdue",
        width=6,
    )

"""The console's metrics. Names and labels are part of what dashboards rely on."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry

from schemas import Action
from workers.metric_maker import MetricMaker
from workers.review.quality_metrics import QualityMetrics
from workers.review.store import ErasedBecause, QualityFigures
from workers.review.store.appeals import AppealCount
from workers.review.store.queue_counts import QueueCounts


class ReviewMetrics:
    """Counters of what this process did, and gauges of how the queue stands for all replicas."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        make = MetricMaker(registry)
        self.claims = make.counter("review_claims_total", "Items claimed.")
        self.decisions = make.counter(
            "review_decisions_total", "Decisions taken, by action.", "action"
        )
        for action in Action:  # a series that starts at zero can be rated from its first event
            self.decisions.labels(action)
        self.undone = make.counter(
            "review_undone_total", "Decisions that their reviewers took back in time."
        )
        self.escalations_consumed = make.counter(
            "review_escalations_consumed_total",
            "Escalations read from Kafka and stored, repeated ones included.",
        )
        self.verdicts_consumed = make.counter(
            "review_verdicts_consumed_total",
            "Verdicts read from Kafka for what they withdraw, supersede or restrict.",
        )
        self.statements = make.counter(
            "review_statements_total", "Restrictions noted for statements of reasons."
        )
        self.unreadable = make.counter(
            "review_unreadable_total",
            "Records on the escalations and verdicts topics that break the contract.",
        )
        self.appeals = make.counter(
            "review_appeals_total", "Appeals that came in, by what was made of them.", "outcome"
        )
        for outcome in ("opened", "repeated", "refused"):
            self.appeals.labels(outcome)
        self.webhooks = make.counter(
            "review_webhooks_total",
            "Tries to deliver a webhook, by how they ended; dead ones are not tried again.",
            "result",
        )
        for result in ("delivered", "failed", "dead"):
            self.webhooks.labels(result)
        self.erased = make.counter(
            "review_erased_total", "Items whose content this process erased, by reason.", "because"
        )
        for because in (ErasedBecause.WITHDRAWN, ErasedBecause.EXPIRED):
            self.erased.labels(because)
        self.relayed = make.counter(
            "review_outbox_relayed_total", "Outbox records that the broker has acknowledged."
        )
        self.quality = QualityMetrics(registry)
        self._items = make.gauge("review_items", "Items by state.", "state")
        self._oldest = make.gauge(
            "review_oldest_open_seconds",
            "Since the escalation of the oldest undecided item; 0 when there is none.",
        )
        self._overdue = make.gauge("review_overdue_items", "Undecided items past due.")
        self._pending = make.gauge(
            "review_outbox_pending", "Outbox records that the broker has not acknowledged."
        )

    def count_appeals(self, count: AppealCount) -> None:
        """Count a batch."""
        self.appeals.labels("opened").inc(count.opened)
        self.appeals.labels("repeated").inc(count.repeated)
        self.appeals.labels("refused").inc(count.refused)

    def observe_quality(self, figures: QualityFigures) -> None:
        """Set the gauges of quality to the figures."""
        self.quality.observe(figures)

    def observe(self, counts: QueueCounts, outbox_pending: int, now: datetime) -> None:
        """Set the gauges to how things stand."""
        for state, total in counts.by_state.items():
            self._items.labels(state).set(total)
        oldest = counts.oldest_escalated_at
        self._oldest.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
        self._overdue.set(counts.overdue)
        self._pending.set(outbox_pending)

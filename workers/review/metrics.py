"""The console's metrics. Names and labels are part of what dashboards rely on."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from schemas import Action
from workers.review.store import ErasedBecause
from workers.review.store.queue import QueueCounts


class ReviewMetrics:
    """Counters of what this process did, and gauges of how the queue stands for all replicas."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.claims = Counter("moderation_review_claims_total", "Items claimed.", registry=registry)
        self.decisions = Counter(
            "moderation_review_decisions_total",
            "Decisions taken, by action.",
            ["action"],
            registry=registry,
        )
        for action in Action:  # a series that starts at zero can be rated from its first event
            self.decisions.labels(action)
        self.escalations_consumed = Counter(
            "moderation_review_escalations_consumed_total",
            "Escalations read from Kafka and stored, repeated ones included.",
            registry=registry,
        )
        self.verdicts_consumed = Counter(
            "moderation_review_verdicts_consumed_total",
            "Verdicts read from Kafka for what they withdraw, supersede or restrict.",
            registry=registry,
        )
        self.statements = Counter(
            "moderation_review_statements_total",
            "Restrictions noted for statements of reasons.",
            registry=registry,
        )
        self.unreadable = Counter(
            "moderation_review_unreadable_total",
            "Records on the escalations and verdicts topics that break the contract.",
            registry=registry,
        )
        self.erased = Counter(
            "moderation_review_erased_total",
            "Items whose content this process erased, by reason.",
            ["because"],
            registry=registry,
        )
        for because in (ErasedBecause.WITHDRAWN, ErasedBecause.EXPIRED):
            self.erased.labels(because)
        self.relayed = Counter(
            "moderation_review_outbox_relayed_total",
            "Outbox records that the broker has acknowledged.",
            registry=registry,
        )
        self._items = Gauge(
            "moderation_review_items", "Items by state.", ["state"], registry=registry
        )
        self._oldest = Gauge(
            "moderation_review_oldest_open_seconds",
            "Since the escalation of the oldest undecided item; 0 when there is none.",
            registry=registry,
        )
        self._overdue = Gauge(
            "moderation_review_overdue_items", "Undecided items past due.", registry=registry
        )
        self._pending = Gauge(
            "moderation_review_outbox_pending",
            "Outbox records that the broker has not acknowledged.",
            registry=registry,
        )

    def observe(self, counts: QueueCounts, outbox_pending: int, now: datetime) -> None:
        """Set the gauges to how things stand."""
        for state, total in counts.by_state.items():
            self._items.labels(state).set(total)
        oldest = counts.oldest_escalated_at
        self._oldest.set(max(0.0, (now - oldest).total_seconds()) if oldest else 0.0)
        self._overdue.set(counts.overdue)
        self._pending.set(outbox_pending)

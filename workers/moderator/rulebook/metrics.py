"""Which policy judges, since when, and what became of those that were offered."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry

from workers.metric_maker import MetricMaker

Outcome = Literal["activated", "unchanged", "refused"]


class PolicyMetrics:
    """The metrics of one worker's policy."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = MetricMaker(registry)
        self._info = make.gauge(
            "policy_info", "1; the policy that judges now in its label.", "version"
        )
        self._activated = make.gauge(
            "policy_activated_timestamp_seconds", "Unix time from which on that policy judges."
        )
        self._refused = make.gauge(
            "policy_refused",
            "1 while the policy that was offered last was refused, and the one before judges.",
        )
        self._reloads = make.counter(
            "policy_reloads_total", "Policies that were offered while the worker ran.", "outcome"
        )

    def in_force(self, version: str, since: datetime) -> None:
        """Name the policy that judges from this moment on, and no other."""
        self._info.clear()
        self._info.labels(version).set(1)
        self._activated.set(since.timestamp())

    def offered(self, outcome: Outcome) -> None:
        """Count what became of a policy that was offered."""
        self._reloads.labels(outcome).inc()
        self._refused.set(outcome == "refused")

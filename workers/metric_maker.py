"""Makes the metrics of a process on one registry; their names begin with ``moderation_``."""

from __future__ import annotations

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class MetricMaker:
    """Counters, gauges and histograms, by what follows in their name, meaning and labels.

    Args:
        registry: holds them.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        """Something that only grows; its name ends in ``_total``."""
        return Counter(f"moderation_{name}", text, labels, registry=self._registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        """Something that goes up and down."""
        return Gauge(f"moderation_{name}", text, labels, registry=self._registry)

    def histogram(self, name: str, text: str, *labels: str, buckets: Sequence[float]) -> Histogram:
        """Something that is spread, counted in ``buckets`` of its unit."""
        return Histogram(
            f"moderation_{name}", text, labels, buckets=buckets, registry=self._registry
        )

"""The shapes of PromQL that our panels use."""

from __future__ import annotations

from typing import Final

WORKER: Final = 'instance=~"$instance"'
"""Restricts a metric of the worker to those chosen at the top of the dashboard."""


def rate(metric: str, *labels: str) -> str:
    """Events a second at the chosen workers, by the labels.

    Without labels it is zero, not absent, where the counter has no series yet.
    """
    each = f"(rate({metric}{{{WORKER}}}[$__rate_interval]))"
    return f"sum by ({', '.join(labels)}) {each}" if labels else f"sum{each} or vector(0)"


def rate_or_zero(metric: str) -> str:
    """Events a second over all instances; zero where the counter has no series yet."""
    return f"sum(rate({metric}[$__rate_interval])) or vector(0)"


def share(part: str, whole: str) -> str:
    """Two counters' rates, divided; no value while nothing happens at all."""
    return (
        f"(sum(rate({part}[$__rate_interval])) or vector(0)) / sum(rate({whole}[$__rate_interval]))"
    )


def quantile(quantile: float, histogram: str, *labels: str) -> str:
    """A quantile of a histogram at the chosen workers, by the labels."""
    by = ", ".join(("le", *labels))
    each = f"rate({histogram}_bucket{{{WORKER}}}[$__rate_interval])"
    return f"histogram_quantile({quantile}, sum by ({by}) ({each}))"

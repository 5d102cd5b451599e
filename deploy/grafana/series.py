"""Queries that many panels ask, with the names of their series."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Query
from deploy.grafana.queries import WORKER, quantile, rate_or_zero


def by_worker(metric: str) -> Query:
    """A metric as each of the chosen workers shows it."""
    return Query(f"{metric}{{{WORKER}}}", "{{instance}}")


def by_stage(share: float) -> Query:
    """A quantile of the time that groups of posts spend in each stage."""
    return Query(quantile(share, "moderation_stage_seconds", "stage"), "{{stage}}")


def quantiles(histogram: str, *shares: float, nothing: str = "") -> Iterator[Query]:
    """Quantiles of a histogram at the chosen workers, such as ``p50`` and ``p99``.

    Args:
        histogram: its name.
        shares: of the observations that lie below.
        nothing: what to say while nothing was observed; then there may be nothing to show.
    """
    for share in shares:
        asked = quantile(share, histogram)
        yield Query(f"{asked} >= 0" if nothing else asked, f"p{share * 100:g}", nothing=nothing)


def rates(**counters: str) -> Iterator[Query]:
    """Events a second over all instances, by the names that the series are to have."""
    for name, counter in counters.items():
        yield Query(rate_or_zero(counter), name.replace("_", " "))

"""What a panel's query finds: data, nothing in plain words, nothing at all, or an error."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.grafana.committed import PanelQuery
from deploy.grafana.panels import NOTHING
from deploy.prometheus_api import Prometheus, QueryError, Series


@dataclass(frozen=True, slots=True)
class Look:
    """How far back to look, as a dashboard would."""

    seconds: float
    step: float
    """Seconds between the points of a graph."""
    rate_interval: str
    """What stands for Grafana's ``$__rate_interval``, such as ``1m``."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one query found."""

    query: PanelQuery
    series: int = 0
    """Series with at least one number that can be drawn."""
    said: str = ""
    """Why there is none, in the panel's own words."""
    error: str = ""
    """Prometheus's own words."""

    @property
    def is_empty(self) -> bool:
        """Neither data, nor a word about why there is none, nor an error."""
        return not (self.series or self.said or self.error)


def find(prometheus: Prometheus, query: PanelQuery, look: Look) -> Finding:
    """Run the query.

    Raises:
        OSError: nothing answers at Prometheus's address.
        ValueError: the query uses a variable that its dashboard does not have.
    """
    expression = query.concrete(look.rate_interval)
    try:
        if query.instant:
            found = prometheus.query(expression)
        else:
            found = prometheus.query_range(expression, seconds=look.seconds, step=look.step)
    except QueryError as error:
        return Finding(query, error=str(error))
    return Finding(
        query,
        series=sum(one.is_finite for one in found),
        said=_said(found),
    )


def _said(found: list[Series]) -> str:
    return ", ".join(one.labels[NOTHING] for one in found if NOTHING in one.labels)

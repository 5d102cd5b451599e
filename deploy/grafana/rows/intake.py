"""What comes in, and what is in flight?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import LAG_LIMITS, PAUSED_LIMITS
from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import WORKER
from deploy.grafana.series import by_worker


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Records read",
        "By worker. One far below the others has fewer partitions, or is stuck.",
        Query(
            "sum by (instance) "
            f"(rate(moderation_records_consumed_total{{{WORKER}}}[$__rate_interval]))",
            "{{instance}}",
        ),
        unit="cps",
    )
    yield graph(
        "Lag of the chosen partitions",
        "Records on the broker without an answer.",
        Query(
            "max by (partition) "
            f'(moderation_consumer_lag_records{{partition=~"$partition",{WORKER}}})',
            "partition {{partition}}",
        ),
        unit="short",
        limits=LAG_LIMITS,
        alert="LagGrows",
    )
    yield graph(
        "Intake paused",
        "1 while a worker reads nothing because too much is in flight.",
        by_worker("moderation_intake_paused"),
        unit="short",
        limits=PAUSED_LIMITS,
        alert="LagGrows",
    )
    yield graph(
        "In flight",
        "Records taken in and not yet answered, by worker. Flat at the top means that intake "
        "is the limit that holds.",
        by_worker("moderation_in_flight_posts"),
        unit="short",
        width=12,
    )
    yield graph(
        "Bytes in flight",
        "Bytes of those records and of their decoded media, by worker.",
        by_worker("moderation_in_flight_bytes"),
        unit="bytes",
        width=12,
    )

"""Is it healthy? The service level, the backlog, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import AGE_LIMITS, DEGRADED_LIMITS, FAILURE_LIMITS, LAG_LIMITS
from deploy.grafana.panels import Limits, Panel, Query, graph, number
from deploy.grafana.queries import WORKER, quantile, rate, share


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield number(
        "Record age, p99",
        "From the broker's timestamp of a post to its verdict: the service level. When it "
        "rises, see lag and stage latency for the cause.",
        quantile(0.99, "moderation_record_age_seconds"),
        unit="s",
        limits=AGE_LIMITS,
    )
    yield number(
        "Degraded share",
        "Verdicts in which something was not scanned. They follow the policy's fail setting "
        "and are never silently clean; the panel on unscanned pieces says what and why.",
        share(
            'moderation_verdicts_total{status="degraded",' + WORKER + "}",
            f"moderation_verdicts_total{{{WORKER}}}",
        ),
        unit="percentunit",
        limits=DEGRADED_LIMITS,
    )
    yield number(
        "Lag",
        "Records on the broker without an answer, over all partitions. Add workers, up to one "
        "a partition, when it grows while none is paused.",
        f"sum(moderation_consumer_lag_records{{{WORKER}}}) or vector(0)",
        unit="short",
        limits=LAG_LIMITS,
    )
    yield number(
        "Dead letters, last hour",
        "Records that could not become a verdict. They are whole on posts.dead-letter, with "
        "the reason.",
        f"sum(increase(moderation_dead_letters_total{{{WORKER}}}[1h])) or vector(0)",
        unit="short",
        limits=FAILURE_LIMITS,
    )
    yield number(
        "Workers that answer",
        "Moderator processes that Prometheus can read. Zero means that nothing is judged.",
        'sum(up{job="worker"}) or vector(0)',
        unit="short",
        limits=Limits(),
    )
    yield number(
        "Intake paused",
        "Workers that have stopped reading because too much is in flight. Moments are normal "
        "under load; minutes mean that the model or the media are too slow for the traffic.",
        f"sum(moderation_intake_paused{{{WORKER}}}) or vector(0)",
        unit="short",
        limits=Limits(warn=1),
    )
    yield graph(
        "Record age",
        "From the broker's timestamp of a post to its verdict.",
        Query(quantile(0.5, "moderation_record_age_seconds"), "p50"),
        Query(quantile(0.99, "moderation_record_age_seconds"), "p99"),
        unit="s",
        limits=AGE_LIMITS,
    )
    yield graph(
        "Traffic",
        "Records read, verdicts and dead letters written. In the long run the first is the "
        "sum of the others, apart from records without a value.",
        Query(rate("moderation_records_consumed_total"), "read"),
        Query(rate("moderation_verdicts_total"), "verdicts"),
        Query(rate("moderation_late_verdicts_total"), "late verdicts"),
        Query(rate("moderation_dead_letters_total"), "dead letters"),
        unit="cps",
    )
    yield graph(
        "Lag by partition",
        "One partition alone: a hot author or a record that takes long. All: too few workers.",
        Query(
            f"max by (partition) (moderation_consumer_lag_records{{{WORKER}}})",
            "partition {{partition}}",
        ),
        unit="short",
        limits=LAG_LIMITS,
    )
    yield graph(
        "In flight",
        "Records taken in and not yet answered, by worker. Flat at the top means that intake "
        "is the limit that holds.",
        Query(f"moderation_in_flight_posts{{{WORKER}}}", "{{instance}}"),
        unit="short",
    )
    yield graph(
        "Bytes in flight",
        "Bytes of those records and of their decoded media, by worker.",
        Query(f"moderation_in_flight_bytes{{{WORKER}}}", "{{instance}}"),
        unit="bytes",
    )
    yield graph(
        "Not scanned, and dead letters",
        "Pieces of posts that nobody looked at, by kind and reason, and records set aside, by "
        "class. Unreachable or forbidden: the media host. Undecodable: usually hostile posts.",
        Query(
            rate("moderation_not_scanned_total", "modality", "reason"), "{{modality}} {{reason}}"
        ),
        Query(rate("moderation_dead_letters_total", "error_class"), "dead letter {{error_class}}"),
        unit="cps",
    )

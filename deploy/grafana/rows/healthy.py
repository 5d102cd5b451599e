"""Is it healthy? The service level, the backlog, and what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.limits import (
    AGE_LIMITS,
    BURN_LIMITS,
    DEGRADED_LIMITS,
    FAILURE_LIMITS,
    LAG_LIMITS,
    TRIPPED_LIMITS,
    WORKER_LIMITS,
)
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.queries import WORKER, quantile, rate, share

_NO_RULES = "the recording rules of deploy/prometheus are not loaded"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield from _figures()
    yield from _courses()


def _figures() -> Iterator[Panel]:
    yield number(
        "Record age, p99",
        "From the broker's timestamp of a post to its verdict: the service level. When it "
        "rises, see lag and stage latency for the cause.",
        quantile(0.99, "moderation_record_age_seconds"),
        unit="s",
        limits=AGE_LIMITS,
        alert="VerdictsAreLate",
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
        alert="ManyVerdictsAreDegraded",
    )
    yield number(
        "Lag",
        "Records on the broker without an answer, over all partitions. Add workers, up to one "
        "a partition, when it grows while none is paused.",
        f"sum(moderation_consumer_lag_records{{{WORKER}}}) or vector(0)",
        unit="short",
        limits=LAG_LIMITS,
        alert="LagGrows",
    )
    yield number(
        "Dead letters, last hour",
        "Records that could not become a verdict. They are whole on posts.dead-letter, with "
        "the reason.",
        f"sum(increase(moderation_dead_letters_total{{{WORKER}}}[1h])) or vector(0)",
        unit="short",
        limits=FAILURE_LIMITS,
        alert="RecordsAreSetAside",
    )
    yield number(
        "Workers that answer",
        "Moderator processes that Prometheus can read. Zero means that nothing is judged.",
        'sum(up{job="worker"}) or vector(0)',
        unit="short",
        limits=WORKER_LIMITS,
        alert="NothingIsJudged",
    )
    yield number(
        "Alerts that fire",
        "Of all kinds. Prometheus's page /alerts names them, and each one's runbook.",
        'count(ALERTS{alertstate="firing"}) or vector(0)',
        unit="short",
        limits=TRIPPED_LIMITS,
    )


def _courses() -> Iterator[Panel]:
    yield graph(
        "Record age",
        "From the broker's timestamp of a post to its verdict. While posts are traced, a dot is a "
        "post, with the id of its trace.",
        Query(quantile(0.5, "moderation_record_age_seconds"), "p50"),
        Query(quantile(0.99, "moderation_record_age_seconds"), "p99", exemplars=True),
        unit="s",
        limits=AGE_LIMITS,
        alert="VerdictsAreLate",
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
        alert="LagGrows",
    )
    yield graph(
        "Error budgets, pace of the last hour",
        "1 is the pace that spends what 30 days may cost in just 30 days. Late: judged after more "
        "than 10 s, of which one in a hundred is allowed. Degraded: one in forty is allowed.",
        Query("moderation:late_budget:burn1h", "late", nothing=_NO_RULES),
        Query("moderation:degraded_budget:burn1h", "degraded", nothing=_NO_RULES),
        unit="short",
        limits=BURN_LIMITS,
        alert="VerdictsAreOftenLate",
        width=12,
    )
    yield graph(
        "Not scanned, and dead letters",
        "Pieces of posts that nobody looked at, by kind and reason, and records set aside, by "
        "class. Unreachable or forbidden: the media host. Undecodable: usually hostile posts.",
        Query(
            rate("moderation_not_scanned_total", "modality", "reason"),
            "{{modality}} {{reason}}",
            nothing="every piece was scanned",
        ),
        Query(
            rate("moderation_dead_letters_total", "error_class"),
            "dead letter {{error_class}}",
            nothing="no dead letter",
        ),
        unit="cps",
        alert="ManyVerdictsAreDegraded",
        width=12,
    )

"""How do answers leave? Transactions, commits, rebalances, and what was overtaken."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import WORKER, rate
from deploy.grafana.series import quantiles

_NO_TRANSACTIONS: Final = "answers are not sent in transactions"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Transactions",
        "By how they ended. Fenced: another worker has the partition, after a rebalance or a "
        "pause. A steady stream of aborted ones: the broker refuses, and the log says why.",
        Query(
            rate("moderation_transactions_total", "outcome"),
            "{{outcome}}",
            nothing=_NO_TRANSACTIONS,
        ),
        unit="cps",
    )
    yield graph(
        "Time of a transaction",
        "From its beginning to its commit.",
        *quantiles("moderation_transaction_seconds", 0.5, 0.99, nothing=_NO_TRANSACTIONS),
        unit="s",
    )
    yield graph(
        "Answers of a transaction",
        "Many under load, few without; one at a time under load is a partition of its own hot "
        "author.",
        *quantiles("moderation_transaction_posts", 0.5, 0.99, nothing=_NO_TRANSACTIONS),
        unit="short",
    )
    yield graph(
        "Rebalances and commits",
        "Rebalances come with starts, stops and scaling; a steady stream of them means that "
        "workers are too slow to answer the broker. Commits must never stop while posts come.",
        Query(rate("moderation_rebalances_total"), "rebalances"),
        Query(rate("moderation_commits_total"), "commits"),
        unit="cps",
        width=6,
    )
    yield graph(
        "Time in rebalances",
        "Share of a worker's time in which it takes no post in, because its group hands out "
        "partitions: 0 but for starts and stops. A rebalance lasts as long as the slowest worker "
        "of the group takes to finish what it has.",
        Query(
            f"rate(moderation_rebalance_seconds_sum{{{WORKER}}}[$__rate_interval])",
            "{{instance}}",
        ),
        unit="percentunit",
        alert="RebalancesHoldUpWork",
        width=6,
    )
    yield graph(
        "Time of a commit",
        "Of offsets by themselves. With transactions it is part of their time.",
        *quantiles(
            "moderation_commit_seconds", 0.5, 0.99, nothing="offsets are sent in transactions"
        ),
        unit="s",
        width=6,
    )
    yield graph(
        "Overtaken, and skipped",
        "Revisions that something newer overtook before they were judged, and records without a "
        "value.",
        Query(rate("moderation_superseded_total"), "overtaken"),
        Query(rate("moderation_null_records_total"), "without a value"),
        Query(f"count(moderation_delivery_info{{{WORKER}}}) or vector(0)", "workers"),
        unit="short",
        width=6,
    )

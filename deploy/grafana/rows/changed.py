"""What changed? Versions in service and the rhythm of the consumer group."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph, grid
from deploy.grafana.queries import WORKER, rate


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield grid(
        "Models in service",
        "Workers by model version. Two versions at once are normal during a roll-out only.",
        f"count by (version) (moderation_model_info{{{WORKER}}})",
        unit="short",
        columns={"version": "Model", "Value": "Workers"},
    )
    yield grid(
        "Policies in service",
        "Workers by policy version. Two versions at once are normal during a roll-out only.",
        f"count by (version) (moderation_policy_info{{{WORKER}}})",
        unit="short",
        columns={"version": "Policy", "Value": "Workers"},
    )
    yield graph(
        "Rebalances and commits",
        "Rebalances come with starts, stops and scaling; a steady stream of them means that "
        "workers are too slow to answer the broker. Commits must never stop while posts come. "
        "Transactions are fenced when a worker was away for so long that another has its "
        "partitions.",
        Query(rate("moderation_rebalances_total"), "rebalances"),
        Query(rate("moderation_commits_total"), "commits"),
        Query(rate("moderation_transactions_total", "outcome"), "transactions {{outcome}}"),
        unit="cps",
    )
    yield graph(
        "Reloads, last hour",
        "Policies and banks that changed while workers run. What was refused leaves the one before "
        "in force; the remarks of /readyz and the log say why.",
        Query(_reloaded("moderation_policy_reloads_total", 'outcome="activated"'), "policies"),
        Query(
            _reloaded("moderation_policy_reloads_total", 'outcome="refused"'), "policies refused"
        ),
        Query(_reloaded("moderation_bank_reloads_total"), "banks"),
        Query(_reloaded("moderation_bank_reload_failures_total"), "banks refused"),
        unit="short",
        width=24,
    )


def _reloaded(counter: str, *labels: str) -> str:
    chosen = ",".join((*labels, WORKER))
    return f"sum(increase({counter}{{{chosen}}}[1h])) or vector(0)"

"""What changed? Versions in service, reloads, workers, and the mix of verdicts."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph, grid
from deploy.grafana.queries import WORKER, rate


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield grid(
        "Models in service",
        "Workers by model version. Two versions at once are normal during a roll-out only.",
        Query(f"count by (version) (moderation_model_info{{{WORKER}}})"),
        unit="short",
        columns={"version": "Model", "Value": "Workers"},
        alert="WorkersJudgeByDifferentModels",
    )
    yield policies_in_service()
    yield reloads()
    yield grid(
        "Programs in service",
        "Replicas of each process by the version of the program. Two versions at once are normal "
        "during an upgrade only.",
        Query("count by (job, version) (moderation_build_info)"),
        unit="short",
        columns={"job": "Process", "version": "Version", "Value": "Replicas"},
        alert="ProcessIsAway",
    )
    yield graph(
        "Workers and rebalances",
        "Workers that answer, and rebalances of their group in ten minutes. They come with starts, "
        "stops and scaling; a steady stream means workers too slow to answer the broker.",
        Query('sum(up{job="worker"}) or vector(0)', "workers"),
        Query(
            f"sum(increase(moderation_rebalances_total{{{WORKER}}}[10m])) or vector(0)",
            "rebalances",
        ),
        unit="short",
    )
    yield graph(
        "Share of each action",
        "Whatever the traffic, this should be level. A step at a new version is its effect; a step "
        "without one is another kind of posts.",
        Query(
            f"{rate('moderation_verdicts_total', 'action')}"
            f" / ignoring (action) group_left () sum({_verdicts()})",
            "{{action}}",
        ),
        unit="percentunit",
        stacked=True,
    )


def policies_in_service() -> Panel:
    """Which policy judges where."""
    return grid(
        "Policies in service",
        "Workers by policy version. Two versions at once are normal during a roll-out only.",
        Query(f"count by (version) (moderation_policy_info{{{WORKER}}})"),
        unit="short",
        columns={"version": "Policy", "Value": "Workers"},
        alert="WorkersJudgeByDifferentPolicies",
    )


def reloads() -> Panel:
    """What was put in force while workers ran, and what was refused."""
    return graph(
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
        alert="PolicyWasRefused",
    )


def _verdicts() -> str:
    return f"rate(moderation_verdicts_total{{{WORKER}}}[$__rate_interval])"


def _reloaded(counter: str, *labels: str) -> str:
    chosen = ",".join((*labels, WORKER))
    return f"sum(increase({counter}{{{chosen}}}[1h])) or vector(0)"

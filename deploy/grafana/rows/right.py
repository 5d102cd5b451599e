"""Is it right? What is decided, why, and where reviewers disagree."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, bars, graph, grid
from deploy.grafana.queries import rate, rate_or_zero


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Verdicts by action",
        "A step without a new model or policy version is a change in the traffic: look at "
        "category flags and rule hits for which.",
        Query(rate("moderation_verdicts_total", "action"), "{{action}}"),
        unit="cps",
        stacked=True,
    )
    yield graph(
        "Category flags",
        "Verdicts in which a category was a reason, by the action it asked for.",
        Query(
            rate("moderation_category_flags_total", "category", "action"),
            "{{category}} {{action}}",
        ),
        unit="cps",
    )
    yield graph(
        "Rule hits and errors",
        "Rules that fired, by mode, and rules that failed. A failing rule follows its own fail "
        "setting; check the policy.",
        Query(rate("moderation_rule_hits_total", "rule", "mode"), "{{rule}} ({{mode}})"),
        Query(rate("moderation_rule_errors_total"), "errors"),
        unit="cps",
    )
    yield grid(
        "Reviewers' decisions, last day",
        "What the machine said against what a person decided. Only escalated posts are here: "
        "this is no estimate of accuracy, as what was allowed is never seen by a reviewer.",
        "sum by (machine_action, human_action) (increase(moderation_ledger_decisions_total[1d]))",
        unit="short",
        columns={"machine_action": "Machine", "human_action": "Reviewer", "Value": "Posts"},
    )
    yield bars(
        "Overturned, last day",
        "Verdicts that a reviewer made milder, by the category that had carried them. A long "
        "bar names the threshold or the rule to look at first.",
        Query(
            "sum by (category) (increase(moderation_ledger_overturned_total[1d]))",
            "{{category}}",
        ),
        unit="short",
    )
    yield graph(
        "Ledger",
        "Judgements counted and repetitions recognised. Records that the ledger could not "
        "read are on its dead-letter topic.",
        Query("sum(rate(moderation_ledger_verdicts_total[$__rate_interval]))", "verdicts"),
        Query(rate_or_zero("moderation_ledger_decisions_total"), "decisions"),
        Query("sum(rate(moderation_ledger_duplicates_total[$__rate_interval]))", "repeated"),
        Query(rate_or_zero("moderation_ledger_unreadable_total"), "unreadable"),
        unit="cps",
    )

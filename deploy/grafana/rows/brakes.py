"""What is held back? Quotas, and rules that fire more or less often than they should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.limits import TRIPPED_LIMITS
from deploy.grafana.panels import Panel, Query, graph, number
from deploy.grafana.queries import WORKER

_NO_BAND: Final = "no rule of the policy says how often it expects to fire"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield number(
        "Quotas tripped",
        "Quotas that are used up: what their rules would move goes to reviewers until somebody "
        "has found out why and runs `moderation rules reset`.",
        f"sum(max by (rule) (moderation_quota_tripped{{{WORKER}}})) or vector(0)",
        unit="short",
        alert="QuotaIsUsedUp",
        limits=TRIPPED_LIMITS,
        width=12,
    )
    yield number(
        "Workers alone with their quotas",
        "Workers that do not hear what the others take, and use only their share of each quota.",
        f"sum(moderation_quotas_alone{{{WORKER}}}) or vector(0)",
        unit="short",
        alert="QuotasAreNotShared",
        limits=TRIPPED_LIMITS,
        width=12,
    )
    yield graph(
        "Quotas left",
        "Share of each quota that all workers together may still take. At 0 it trips; a line that "
        "falls faster than it used to is a rule that met something new.",
        Query(
            f"min by (rule) (moderation_quota_tokens_left{{{WORKER}}})"
            f" / max by (rule) (moderation_quota_posts{{{WORKER}}})",
            "{{rule}}",
            nothing="no rule of the policy has a quota",
        ),
        unit="percentunit",
        alert="QuotaIsUsedUp",
    )
    yield graph(
        "Hit rates in their bands",
        "Share of posts on which a rule fired in its last window, mean of the workers, between "
        "the least and the most that its author expects.",
        Query(
            f"avg by (rule) (moderation_rule_hit_share{{{WORKER}}})",
            "{{rule}}",
            nothing="no window of posts is full yet",
        ),
        Query(
            f"max by (rule, bound) (moderation_rule_hit_share_expected{{{WORKER}}})",
            "{{rule}}, {{bound}}",
            nothing=_NO_BAND,
        ),
        unit="percentunit",
        alert="HitRateLeftItsBand",
    )
    yield graph(
        "Hit rates out of their band",
        "Windows of posts in which a rule left its band, in the last hour. Either the posts have "
        "changed, or the rule met what its author did not think of.",
        Query(
            f"sum by (rule) (increase(moderation_hit_rate_alarms_total{{{WORKER}}}[1h]))",
            "{{rule}}",
            nothing=_NO_BAND,
        ),
        unit="short",
        alert="HitRateLeftItsBand",
    )

"""What do the policy's rules do? Which fire, fail, and are held back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.limits import TRIPPED_LIMITS
from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import WORKER

_CHOSEN: Final = f'{{rule=~"$rule",{WORKER}}}'


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Rule hits",
        "Rules that fired, by mode. A rule in shadow is counted and moves nothing.",
        Query(
            f"sum by (rule, mode) (rate(moderation_rule_hits_total{_CHOSEN}[$__rate_interval]))",
            "{{rule}} ({{mode}})",
            nothing="no rule has fired",
        ),
        unit="cps",
        alert="HitRateLeftItsBand",
        width=12,
    )
    yield graph(
        "Rule errors",
        "Rules that failed, and followed their own fail setting. Check the policy, and the bank or "
        "list that the rule asks.",
        Query(
            f"sum by (rule) (rate(moderation_rule_errors_total{_CHOSEN}[$__rate_interval]))",
            "{{rule}}",
            nothing="no rule has failed",
        ),
        unit="cps",
        limits=TRIPPED_LIMITS,
        alert="PolicyNamesMissingBank",
        width=12,
    )
    yield graph(
        "Held back",
        "Posts that a brake sent to a person: a rule's quota, or one of all removals.",
        Query(
            "sum by (brake, rule) "
            f"(rate(moderation_held_posts_total{{{WORKER}}}[$__rate_interval]))",
            "{{brake}} {{rule}}",
            nothing="nothing was held back",
        ),
        unit="cps",
        alert="QuotaIsUsedUp",
        width=12,
    )
    yield graph(
        "Reviewers followed",
        "Verdicts that follow what a reviewer decided about the same content before.",
        Query(
            "sum(rate(moderation_reviewer_decisions_followed_total"
            f"{{{WORKER}}}[$__rate_interval]))",
            "followed",
        ),
        unit="cps",
        width=12,
    )

"""Does what people decide reach the platform?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.queries import rate_or_zero


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Sent to Kafka",
        "Records of the console's outbox that the broker took, and records on its topics that it "
        "could not read.",
        Query(rate_or_zero("moderation_review_outbox_relayed_total"), "relayed"),
        Query(rate_or_zero("moderation_review_unreadable_total"), "unreadable"),
        unit="cps",
    )
    yield graph(
        "Webhooks, last hour",
        "Tries to deliver a webhook. Dead ones are not tried again.",
        Query("sum by (result) (increase(moderation_review_webhooks_total[1h]))", "{{result}}"),
        unit="short",
        alert="WebhooksAreDead",
    )
    yield graph(
        "Ledger",
        "Judgements counted and repetitions recognised. Records that the ledger could not "
        "read are on its dead-letter topic.",
        Query(rate_or_zero("moderation_ledger_verdicts_total"), "verdicts"),
        Query(rate_or_zero("moderation_ledger_decisions_total"), "decisions"),
        Query(rate_or_zero("moderation_ledger_duplicates_total"), "repeated"),
        Query(rate_or_zero("moderation_ledger_unreadable_total"), "unreadable"),
        unit="cps",
        alert="LedgerCannotRead",
    )
    yield graph(
        "Records kept",
        "Restrictions noted for statements of reasons, and items whose content was erased because "
        "it was withdrawn or its time was over.",
        Query(rate_or_zero("moderation_review_statements_total"), "statements"),
        Query(rate_or_zero("moderation_review_erased_total"), "erased"),
        unit="cps",
        width=12,
    )
    yield graph(
        "Author signals",
        "Counts about authors that the ledger writes for the policy, and how old a judgement is "
        "when it is counted.",
        Query(rate_or_zero("moderation_ledger_author_signals_total"), "signals a second"),
        Query("max(moderation_ledger_event_age_seconds)", "age in seconds"),
        unit="short",
        width=12,
    )

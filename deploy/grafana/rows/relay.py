"""Does what people decide reach the platform?"""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph
from deploy.grafana.series import rates


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Sent to Kafka",
        "Records of the console's outbox that the broker took, and records on its topics that it "
        "could not read.",
        *rates(
            relayed="moderation_review_outbox_relayed_total",
            unreadable="moderation_review_unreadable_total",
        ),
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
        *rates(
            verdicts="moderation_ledger_verdicts_total",
            decisions="moderation_ledger_decisions_total",
            repeated="moderation_ledger_duplicates_total",
            unreadable="moderation_ledger_unreadable_total",
        ),
        unit="cps",
        alert="LedgerCannotRead",
    )
    yield graph(
        "Records kept",
        "Restrictions noted for statements of reasons, and items whose content was erased because "
        "it was withdrawn or its time was over.",
        *rates(
            statements="moderation_review_statements_total",
            erased="moderation_review_erased_total",
        ),
        unit="cps",
        width=12,
    )
    yield graph(
        "Author signals",
        "Counts about authors that the ledger writes for the policy, and how old a judgement is "
        "when it is counted.",
        *rates(signals_a_second="moderation_ledger_author_signals_total"),
        Query("max(moderation_ledger_event_age_seconds)", "age in seconds"),
        unit="short",
        width=12,
    )

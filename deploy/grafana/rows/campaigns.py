"""Does somebody work together? Nearly the same text by many authors."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.grafana.panels import Panel, Query, graph


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Campaigns, last hour",
        "Texts that several authors came to share, by up to three keys each; found for a policy "
        "that asks for them. A burst is worth a look at the posts: petitions spread so as well.",
        Query("sum(increase(moderation_ledger_campaigns_total[1h]))", "text keys"),
        unit="short",
        width=24,
    )

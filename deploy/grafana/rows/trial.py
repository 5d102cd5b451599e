"""What is on trial? Rules and models in shadow, by the same answers as what is live."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Panel, Query, graph

_NOBODY: Final = "no rule and no model is in shadow, or none of it has been answered"


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    for title, figure in (("Recall to gain", "recall"), ("Precision to gain", "precision")):
        yield graph(
            title,
            "How much it would rise were a rule or model in shadow live: the estimate and the ends "
            "of its 95 % interval. A band across 0 proves nothing yet; `moderation ledger "
            "promotions` says more.",
            Query(
                "max by (judge, bound) "
                f'(moderation_ledger_challenger_gain_ratio{{figure="{figure}"}})',
                "{{judge}}, {{bound}}",
                nothing=_NOBODY,
            ),
            unit="percentunit",
        )
    yield graph(
        "Answers on which it differs",
        "Sampled verdicts with an answer that what is live and what is in shadow would not both "
        "flag. Under ten nothing is recommended.",
        Query(
            "max by (judge) (moderation_ledger_challenger_disagreements)",
            "{{judge}}",
            nothing=_NOBODY,
        ),
        unit="short",
    )

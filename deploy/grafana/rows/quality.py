"""Do reviewers agree with each other, and with what is known?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from deploy.grafana.panels import Limits, Panel, Query, graph

_NO_PAIRS: Final = "no second opinions yet"
_NO_GOLDEN: Final = "no golden post was answered yet"
_NUMBERS: Final = ">= -1"
"""Both coefficients lie between -1 and 1; this leaves out NaN, which stands for no answer yet."""


def panels() -> Iterator[Panel]:
    """The panels, from left to right."""
    yield graph(
        "Agreement, 30 days",
        "Of first and blind second decisions, chance taken out. Under 0.4 reviewers agree little "
        "more than chance would have it: the policy is unclear, or they need training.",
        Query(
            f"max(moderation_review_agreement_kappa {_NUMBERS})",
            "Cohen's kappa",
            nothing=_NO_PAIRS,
        ),
        Query(
            f"max(moderation_review_agreement_alpha {_NUMBERS})",
            "Krippendorff's alpha",
            nothing=_NO_PAIRS,
        ),
        unit="short",
        alert="ReviewersDisagree",
    )
    yield graph(
        "Second opinions, 30 days",
        "Blind second decisions that agreed, and that did not.",
        Query(
            "max by (agreed) (moderation_review_second_opinions)",
            "agreed: {{agreed}}",
            nothing=_NO_PAIRS,
        ),
        unit="short",
        stacked=True,
        alert="ReviewersDisagree",
    )
    yield graph(
        "Golden posts answered rightly, 30 days",
        "Posts with a known answer that are planted among the others. The console's page /quality "
        "tells by reviewer.",
        Query(
            '(max(moderation_review_golden_answers{right="yes"})'
            " / sum(max by (right) (moderation_review_golden_answers))) >= 0",
            "right",
            nothing=_NO_GOLDEN,
        ),
        unit="percentunit",
        limits=Limits(),
        alert="GoldenPostsAreMissed",
    )

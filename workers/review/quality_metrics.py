"""Gauges of how well reviewers and machine judge, over the last 30 days."""

from __future__ import annotations

import math

from prometheus_client import CollectorRegistry

from workers.metric_maker import MetricMaker
from workers.review.store import QualityFigures


class QualityMetrics:
    """Set from figures; what cannot be computed yet is NaN, which no alert fires on."""

    def __init__(self, registry: CollectorRegistry) -> None:
        make = MetricMaker(registry)
        self._kappa = make.gauge(
            "review_agreement_kappa", "Cohen's kappa of first and blind second decisions, 30 days."
        )
        self._alpha = make.gauge(
            "review_agreement_alpha",
            "Krippendorff's alpha of independent decisions, golden posts included, 30 days.",
        )
        self._pairs = make.gauge(
            "review_second_opinions",
            "Blind second decisions, by whether they agreed, 30 days.",
            "agreed",
        )
        self._golden = make.gauge(
            "review_golden_answers",
            "Answers to golden posts, by whether they were right, 30 days.",
            "right",
        )
        self._overturned = make.gauge(
            "review_overturn_rate",
            "Share of the machine's verdicts that people overturned, 30 days.",
            "by",
            "name",
        )
        self._judged = make.gauge(
            "review_overturn_decisions",
            "Decisions that the overturn rate is a share of, 30 days.",
            "by",
            "name",
        )
        self._kappa.set(math.nan)
        self._alpha.set(math.nan)

    def observe(self, figures: QualityFigures) -> None:
        """Set every gauge; a rule that nothing was decided on any more has none."""
        agreement = figures.agreement
        self._kappa.set(math.nan if agreement.kappa is None else agreement.kappa)
        self._alpha.set(math.nan if agreement.alpha is None else agreement.alpha)
        self._pairs.labels("yes").set(agreement.agreed)
        self._pairs.labels("no").set(agreement.pairs - agreement.agreed)
        right = sum(score.right for score in figures.golden)
        self._golden.labels("yes").set(right)
        self._golden.labels("no").set(sum(score.answered for score in figures.golden) - right)
        self._overturned.clear()
        self._judged.clear()
        for row in figures.overturned:
            self._overturned.labels(row.by, row.name).set(row.rate)
            self._judged.labels(row.by, row.name).set(row.decided)

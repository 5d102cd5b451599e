"""Figures that take people days to make, shown by the metrics that processes show them with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, start_http_server

from workers.ledger.accuracy.figures import FIGURES, Figures
from workers.ledger.accuracy.gauges import AccuracyGauges
from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.promotion import Difference, Promotion
from workers.ledger.accuracy.report import Report, Subject
from workers.review.quality_metrics import QualityMetrics
from workers.review.store import QualityFigures
from workers.review.store.quality import Agreement, GoldenScore, Overturned

NOW = datetime.now(UTC)
ESTIMATE = Estimate(value=0.9, low=0.85, high=0.94, effective_n=200, units=240)


@contextmanager
def shown_figures() -> Iterator[str]:
    """The address of the figures of a house in which reviewers have worked for a month."""
    registry = CollectorRegistry()
    AccuracyGauges(registry).show(_report(), [_promotion()])
    QualityMetrics(registry).observe(_quality())
    server, thread = start_http_server(0, "127.0.0.1", registry)
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _report() -> Report:
    figures = Figures(dict.fromkeys(FIGURES, ESTIMATE), ESTIMATE)
    by_category = {"spam": 0.04, "hate": 0.12}
    return Report(
        figures={
            Subject("live", "any", "all"): figures,
            Subject("live", "spam", "en"): figures,
            Subject("rule:greeting", "any", "all"): figures,
        },
        calibration=by_category,
        drift={category: {NOW: index} for category, index in by_category.items()},
        newest=NOW,
        agreement=by_category,
        drawn=400,
        answered=240,
        twice_answered=30,
        median_label_time=NOW,
    )


def _promotion() -> Promotion:
    figures = Figures(dict.fromkeys(FIGURES, ESTIMATE), ESTIMATE)
    return Promotion(
        judge="shadow:greeting",
        verdicts=40_000.0,
        answered=240,
        disagreed=30,
        live=figures,
        then=figures,
        caught=ESTIMATE,
        let_go=ESTIMATE,
        alarms=ESTIMATE,
        cleared=ESTIMATE,
        recall=Difference(0.03, 0.01, 0.05),
        precision=Difference(-0.002, -0.006, 0.001),
    )


def _quality() -> QualityFigures:
    today = datetime.now(UTC).date()
    return QualityFigures(
        first=today,
        last=today,
        agreement=Agreement(pairs=60, agreed=52, kappa=0.7, alpha=0.68, settled=8, for_first=5),
        golden=[GoldenScore("reviewer-1", answered=50, right=46)],
        overturned=[Overturned(by="rule", name="greeting", decided=100, overturned=12)],
    )

"""The figures as Prometheus sees them: an estimate never without its interval."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from workers.ledger.accuracy.intervals import Estimate
from workers.ledger.accuracy.promotion import Difference, Promotion
from workers.ledger.accuracy.report import Report

PREFIX = "moderation_ledger_"
SUBJECT = ("judge", "category", "language")


class AccuracyGauges(Collector):
    """Shows the newest report, whole: figures that it no longer holds are gone at once.

    A replica whose tables do not hold the audit sample shows counts of 0 and no figure.
    """

    def __init__(self, registry: CollectorRegistry, clock: Callable[[], float] = time.time) -> None:
        self._report = Report()
        self._promotions: Sequence[Promotion] = ()
        self._clock = clock
        registry.register(self)

    def show(self, report: Report, promotions: Sequence[Promotion]) -> None:
        """Show these from now on."""
        self._report, self._promotions = report, promotions

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Every gauge."""
        report = self._report
        yield from _figures(report)
        yield from _challengers(self._promotions)
        for name, text, values in (
            (
                "calibration_error",
                "Expected calibration error of the scores, by the audit sample.",
                report.calibration,
            ),
            (
                "score_drift",
                "Population stability index: scores of the newest day against the days before.",
                report.newest_drift,
            ),
            (
                "reviewer_agreement",
                "Krippendorff's alpha of reviewers who answered on the same verdict.",
                report.agreement,
            ),
        ):
            family = _family(name, text, "category")
            for category, value in values.items():
                family.add_metric([category], value)
            yield family
        sample = _family(
            "audit_verdicts", "Verdicts of the audit sample, by how far they came.", "state"
        )
        sample.add_metric(["drawn"], report.drawn)
        sample.add_metric(["answered"], report.answered)
        sample.add_metric(["answered_twice"], report.twice_answered)
        yield sample
        age = _family("label_age_seconds", "Since the middle one of the answers was given.")
        if report.median_label_time is not None:
            age.add_metric([], max(0.0, self._clock() - report.median_label_time.timestamp()))
        yield age


def _figures(report: Report) -> Iterator[GaugeMetricFamily]:
    shares = _family(
        "accuracy_ratio",
        "Precision, recall, false-positive rate and prevalence over all verdicts, estimated from "
        "the audit sample: the estimate and the ends of its 95 % interval.",
        "figure",
        *SUBJECT,
        "bound",
    )
    support = _family(
        "accuracy_effective_samples",
        "How many answers, drawn with equal probabilities, would say as much about the figure.",
        "figure",
        *SUBJECT,
    )
    missed = _family(
        "missed_posts",
        "Harmful posts that the judge did not flag, among all of the window: the estimate and the "
        "ends of its 95 % interval.",
        *SUBJECT,
        "bound",
    )
    for subject, figures in report.figures.items():
        for name, estimate in figures.shares.items():
            for bound, value in _bounds(estimate):
                shares.add_metric([name, *subject, bound], value)
            support.add_metric([name, *subject], estimate.effective_n)
        for bound, value in _bounds(figures.missed):
            missed.add_metric([*subject, bound], value)
    yield from (shares, support, missed)


def _challengers(promotions: Sequence[Promotion]) -> Iterator[GaugeMetricFamily]:
    gain = _family(
        "challenger_gain_ratio",
        "How much a figure would gain by a rule or model in shadow, were it live: the estimate and "
        "the ends of its 95 % interval.",
        "figure",
        "judge",
        "bound",
    )
    disagreed = _family(
        "challenger_disagreements",
        "Answered verdicts on which a rule or model in shadow differs from what is live.",
        "judge",
    )
    for one in promotions:
        disagreed.add_metric([one.judge], one.disagreed)
        for figure, found in (("recall", one.recall), ("precision", one.precision)):
            if found is not None:
                for bound, value in _bounds(found):
                    gain.add_metric([figure, one.judge, bound], value)
    yield from (gain, disagreed, *_score_changes(promotions))


def _score_changes(promotions: Sequence[Promotion]) -> Iterator[GaugeMetricFamily]:
    error = _family(
        "challenger_calibration_error",
        "Expected calibration error of the live model and of one in shadow, on the same answered "
        "verdicts.",
        "judge",
        "category",
        "role",
    )
    shift = _family(
        "challenger_score_shift",
        "Population stability index: scores of a model in shadow against those that judged.",
        "judge",
        "category",
    )
    for one in promotions:
        for change in one.scores:
            for role, value in (("live", change.live), ("candidate", change.then)):
                if value is not None:
                    error.add_metric([one.judge, change.category, role], value)
            if change.shift is not None:
                shift.add_metric([one.judge, change.category], change.shift)
    yield from (error, shift)


def _bounds(estimate: Estimate | Difference) -> tuple[tuple[str, float], ...]:
    return ("estimate", estimate.value), ("low", estimate.low), ("high", estimate.high)


def _family(name: str, text: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(PREFIX + name, text, labels=labels)

"""What an operator watches of the brakes: quotas, and rules whose hit rate left its band."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rules import HitRateAlarm
from workers.moderator.rulebook import Rulebook
from workers.quotas import Standing
from workers.streams import get_logger

log = get_logger(__name__)

_GAUGES: Final[tuple[tuple[str, str, Callable[[Standing], float]], ...]] = (
    ("posts", "Tokens of the full bucket.", lambda one: one.terms.posts),
    ("tokens_left", "Tokens that all workers together may still take.", lambda one: one.left),
    (
        "tripped",
        "1 from when the quota is used up until somebody resets it.",
        lambda one: one.tripped,
    ),
)


class BrakeMetrics(Collector):
    """Shows the brakes of the policy in force at each scrape: a series for each of its rules.

    Args:
        registry: takes the metrics.
        rulebook: names the policy in force.
        alone: whether quotas are not shared at the moment.
        clock: the time, with its offset from UTC.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        rulebook: Rulebook,
        *,
        alone: Callable[[], bool],
        clock: Callable[[], datetime],
    ) -> None:
        self._rulebook = rulebook
        self._clock = clock
        self._alarms: Counter[str] = Counter()
        Gauge(
            "moderation_quotas_alone",
            "1 while this worker does not hear the others and uses only its share of each quota.",
            registry=registry,
        ).set_function(alone)
        registry.register(self)

    def alarm(self, alarm: HitRateAlarm) -> None:
        """Log and count an alarm."""
        self._alarms[alarm.rule] += 1
        log.warning("%s", alarm, rule=alarm.rule)

    def collect(self) -> Iterator[Metric]:
        """The quotas and the watched hit rates of the policy in force."""
        edition = self._rulebook.current
        standings = [] if edition.quotas is None else edition.quotas.standings(self._clock())
        for name, text, read in _GAUGES:
            gauge = GaugeMetricFamily(f"moderation_quota_{name}", text, labels=("rule",))
            for one in standings:
                gauge.add_metric((one.terms.rule,), read(one))
            yield gauge
        shares = GaugeMetricFamily(
            "moderation_rule_hit_share",
            "Share of the last window of posts on which the rule fired, where it says `expect`.",
            labels=("rule",),
        )
        for rule, share in edition.hit_rates.shares.items():
            shares.add_metric((rule,), share)
        yield shares
        bands = GaugeMetricFamily(
            "moderation_rule_hit_share_expected",
            "The least and the most of that share that the rule expects.",
            labels=("rule", "bound"),
        )
        for rule, band in edition.hit_rates.bands.items():
            bands.add_metric((rule, "least"), band.min)
            bands.add_metric((rule, "most"), band.max)
        yield bands
        alarms = CounterMetricFamily(
            "moderation_hit_rate_alarms",
            "Windows of posts in which the rule fired more or less often than it expects.",
            labels=("rule",),
        )
        for rule in edition.hit_rates.rules:
            alarms.add_metric((rule,), self._alarms[rule])
        yield alarms

"""What an operator watches of the banks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from rules.banks import BankStats
from workers.metric_maker import MetricMaker

_GAUGES: Final[tuple[tuple[str, str, Callable[[BankStats], float | None]], ...]] = (
    ("age_seconds", "Since the newest file of the bank was written.", lambda one: one.age_s),
    (
        "renew_within_seconds",
        "Age from which the bank is stale; none for a bank that people keep by hand.",
        lambda one: one.renew_within_s,
    ),
    ("entries", "Entries of the bank that can match.", lambda one: one.entries),
    (
        "quarantined_entries",
        "Entries that matched too many posts at once, and ask for review at most.",
        lambda one: one.quarantined,
    ),
    ("confirmations", "Words by which people confirmed a match.", lambda one: one.confirms),
    ("denials", "Words by which people denied a match.", lambda one: one.denies),
    (
        "confirmed_share",
        "Confirmations among the latest words; none while there are too few.",
        lambda one: one.confirmed_share,
    ),
    (
        "doubted",
        "1 while so many matches are denied that the bank asks for review at most.",
        lambda one: one.doubted,
    ),
)


class _BankCollector(Collector):
    """The banks as they are at the moment of a scrape."""

    def __init__(self, stats: Callable[[], Mapping[str, BankStats]]) -> None:
        self._stats = stats

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """One gauge a bank and figure."""
        stats = self._stats()
        for name, text, read in _GAUGES:
            family = GaugeMetricFamily(f"moderation_bank_{name}", text, labels=("bank",))
            for bank, one in stats.items():
                value = read(one)
                if value is not None:
                    family.add_metric((bank,), value)
            yield family


class BankMetrics:
    """Counts look-ups and reloads, and shows the banks at each scrape."""

    def __init__(
        self, registry: CollectorRegistry, stats: Callable[[], Mapping[str, BankStats]]
    ) -> None:
        make = MetricMaker(registry)
        self.matches = make.counter(
            "bank_matches_total",
            "Pieces of posts that a bank knew, by what it asked for.",
            "bank",
            "action",
        )
        self.lookup_failures = make.counter(
            "bank_lookup_failures_total",
            "Posts that could not be looked up in the banks; their verdicts are degraded.",
        )
        self.reloads = make.counter(
            "bank_reloads_total", "Changed banks that were loaded and put in force."
        )
        self.reload_failures = make.counter(
            "bank_reload_failures_total",
            "Attempts to load changed banks that failed; the banks before stay in force.",
        )
        self._behind_since: float | None = None
        make.gauge(
            "banks_behind_seconds",
            "Since the folder holds other banks than those in force; 0 while they are the same.",
        ).set_function(self._behind)
        registry.register(_BankCollector(stats))

    def up_to_date(self, *, same: bool) -> None:
        """Whether the folder holds what is in force."""
        if same:
            self._behind_since = None
        elif self._behind_since is None:
            self._behind_since = time.monotonic()

    def _behind(self) -> float:
        since = self._behind_since
        return 0.0 if since is None else time.monotonic() - since

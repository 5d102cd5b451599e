"""Whether the policy and the model speak of the same categories."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from workers.moderator.rulebook import Rulebook
from workers.streams import get_logger

log = get_logger(__name__)

WITHOUT_SCORES: Final = "the policy has thresholds for it, and the model never scores it"
WITHOUT_THRESHOLDS: Final = "the model scores it, and the policy has no thresholds for it"


class NamedCategories(Collector):
    """Compares the categories of the policy in force with those of the model, and says so.

    A mistyped name switches a category off without any error: its thresholds meet no score, and the
    right name's scores meet no threshold.

    Args:
        registry: takes the metric.
        rulebook: names the policy in force.
        scored: by the model.
    """

    def __init__(
        self, registry: CollectorRegistry, rulebook: Rulebook, scored: Collection[str]
    ) -> None:
        self._rulebook = rulebook
        self._scored = frozenset(scored)
        self._said: dict[str, str] = {}
        registry.register(self)

    def look(self) -> None:
        """Warn of each category that only one of them knows, once."""
        edition = self._rulebook.current
        wrong = self._wrong()
        for category, why in wrong.items():
            if self._said.get(category) != why:
                log.warning(
                    "policy and model differ in a category",
                    policy=edition.versions.policy,
                    category=category,
                    reason=why,
                )
        self._said = wrong

    def collect(self) -> Iterator[Metric]:
        """1 for each category that only one of them knows."""
        family = GaugeMetricFamily(
            "moderation_policy_category_unmatched",
            "1 for a category that the policy has thresholds for and the model never scores "
            "(`policy`), or the other way round (`model`).",
            labels=("category", "known_to"),
        )
        for category, why in self._wrong().items():
            known_to = "policy" if why == WITHOUT_SCORES else "model"
            family.add_metric((category, known_to), 1)
        yield family

    def _wrong(self) -> dict[str, str]:
        meant = self._rulebook.current.categories
        found = dict.fromkeys(sorted(meant - self._scored), WITHOUT_SCORES)
        return found | dict.fromkeys(sorted(self._scored - meant), WITHOUT_THRESHOLDS)

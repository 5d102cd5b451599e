"""Whether the banks that the policy names are there, and are what it takes them for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rules.banks import BankKind
from workers.moderator.rulebook import NamedBank, Rulebook
from workers.streams import get_logger

log = get_logger(__name__)


class NamedBanks(Collector):
    """Compares what the policy in force says of banks with those that are loaded, and says so.

    Args:
        registry: takes the metric.
        rulebook: names the policy in force.
        loaded: the kinds of the banks in force, by their names.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        rulebook: Rulebook,
        loaded: Callable[[], Mapping[str, BankKind]],
    ) -> None:
        self._rulebook = rulebook
        self._loaded = loaded
        self._said: dict[str, str] = {}
        registry.register(self)

    def look(self) -> None:
        """Warn of each bank that the policy cannot ask, once."""
        edition = self._rulebook.current
        wrong = self._wrong()
        for bank, why in wrong.items():
            if self._said.get(bank) != why:
                log.warning(
                    "the policy names a bank that it cannot ask",
                    policy=edition.versions.policy,
                    bank=bank,
                    reason=why,
                )
        self._said = wrong

    def collect(self) -> Iterator[Metric]:
        """1 for each bank that the policy names and cannot ask."""
        family = GaugeMetricFamily(
            "moderation_policy_bank_missing",
            "1 for a bank that the policy names and that is not loaded, or is of another kind. "
            "Where it is required, rules that ask about it fail.",
            labels=("bank", "required"),
        )
        named = self._rulebook.current.banks
        for bank in self._wrong():
            if bank in named:  # the policy may have changed meanwhile
                family.add_metric((bank, str(named[bank].required).lower()), 1)
        yield family

    def _wrong(self) -> dict[str, str]:
        loaded = self._loaded()
        found = {
            bank: _why(named, loaded.get(bank))
            for bank, named in self._rulebook.current.banks.items()
        }
        return {bank: why for bank, why in found.items() if why}


def _why(named: NamedBank, kind: BankKind | None) -> str:
    if kind is None:
        meant = "its rules fail" if named.required else "it counts as no match"
        return f"no such bank is loaded from MODERATION_WORKER_BANKS; {meant}"
    if kind.part != named.part:
        return f"the policy says that it knows {named.part}, and it holds {kind.part} ({kind})"
    return ""

"""Write the tables of ``docs/metrics.md`` from the code: ``python -m workers.metrics_table``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from prometheus_client import CollectorRegistry
from prometheus_client.registry import Collector

from workers.settings import KafkaSettings
from workers.streams import watch_certificates
from workers.streams.process_metrics import show_build

if TYPE_CHECKING:
    from moderation.inference import CacheCounts

PAGE: Final = Path(__file__).parents[1] / "docs" / "metrics.md"
BEGIN: Final = "<!-- metrics: begin (written by `make metrics-table`) -->"
END: Final = "<!-- metrics: end -->"

BOUNDS: Final[Mapping[str, str]] = {
    "action": "the four actions of the contract",
    "agreed": "`yes`, `no`",
    "agrees": "`yes`, `no`",
    "bank": "the banks that are loaded or named by the policy",
    "because": "the two reasons of erasure",
    "bound": "`low`, `estimate`, `high`; or `least`, `most`",
    "brake": "the brakes of the rule engine",
    "by": "`category`, `rule`",
    "candidate": "the four actions of the contract",
    "category": "the taxonomy of the contract; `any`",
    "contract": "one a process",
    "device": "one a process",
    "error_class": "the error classes of the contract",
    "figure": "the figures of the accuracy report",
    "file": "the certificate files of the settings",
    "human_action": "the four actions of the contract",
    "judge": "`live`, and the policy's rules in shadow",
    "kind": "fixed in the code",
    "known_to": "`policy`, `model`",
    "language": "the languages that the audit sample has enough posts of; `all`",
    "live": "the four actions of the contract",
    "machine_action": "the four actions of the contract",
    "modality": "the three modalities of the contract",
    "mode": "the modes of a rule; the modes of delivery",
    "name": "the policy's rules, and the taxonomy",
    "outcome": "fixed in the code",
    "partition": "the partitions that the worker has",
    "pictures": "the readers of words in pictures; one a process",
    "queue": "the policy's queues",
    "reason": "the reasons of the contract",
    "required": "`true`, `false`",
    "result": "`delivered`, `failed`, `dead`",
    "right": "`yes`, `no`",
    "role": "`live`, `candidate`",
    "rule": "the policy's rules",
    "sounds": "the readers of words in sounds; one a process",
    "source": "the sources of a verdict, or the kinds of its reasons, in the contract",
    "stage": "the stages of the worker",
    "state": "the states of an item, or of the audit sample",
    "status": "the statuses of the contract",
    "topic": "the topics of the contract",
    "version": "one a process at a time",
    "why": "`time`, `memory`, `crash`",
    "word": "`confirm`, `deny`",
}
"""What bounds the values of each label: never a post, an author, or anything that posts say."""


class Described(NamedTuple):
    """A metric as its code describes it."""

    name: str
    kind: str
    labels: tuple[str, ...]
    text: str


class _Listing(CollectorRegistry):
    """Remembers what is registered."""

    def __init__(self) -> None:
        super().__init__()
        self.collectors: list[Collector] = []

    def register(self, collector: Collector) -> None:
        self.collectors.append(collector)
        super().register(collector)


def metrics_of() -> Mapping[str, list[Described]]:
    """By process, in alphabetical order."""
    return {"worker": _worker(), "ledger": _ledger(), "console": _console()}


def metrics_tables() -> str:
    """A table a process, and one of the labels, as GitHub-flavoured Markdown."""
    parts = []
    for process, metrics in metrics_of().items():
        lines = [f"## {process.capitalize()}", "", "| metric | type | labels | meaning |"]
        lines.append("|---|---|---|---|")
        for one in metrics:
            labels = ", ".join(f"`{label}`" for label in one.labels)
            lines.append(f"| `{one.name}` | {one.kind} | {labels} | {one.text} |")
        parts.append("\n".join(lines))
    bounds = [f"| `{label}` | {bound} |" for label, bound in BOUNDS.items()]
    parts.append("\n".join(["## Labels", "", "| label | bounded by |", "|---|---|", *bounds]))
    return "\n\n".join(parts)


def with_tables(page: str) -> str:
    """The page's text with its tables written anew.

    Raises:
        ValueError: the markers that hold the tables' place are missing.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{PAGE.name} lacks the markers {BEGIN!r} and {END!r}; put them back")
    return f"{before}{BEGIN}\n\n{metrics_tables()}\n\n{END}{after}"


def _worker() -> list[Described]:
    from workers.moderator.bank_metrics import BankMetrics
    from workers.moderator.bank_words import BankWords
    from workers.moderator.brake_metrics import BrakeMetrics
    from workers.moderator.device_metrics import (
        DeviceMetrics,
        no_memory,
        no_utilisation,
        no_work,
    )
    from workers.moderator.lineup.metrics import LineupMetrics
    from workers.moderator.metrics import WorkerMetrics
    from workers.moderator.named_banks import NamedBanks
    from workers.moderator.named_categories import NamedCategories
    from workers.moderator.rulebook import Rulebook, edition_of, open_policy
    from workers.moderator.rulebook.metrics import PolicyMetrics
    from workers.moderator.settings import ModeratorSettings

    registry = _listing()
    rulebook = Rulebook(edition_of(open_policy(ModeratorSettings().policy).policy, model="none"))
    metrics = WorkerMetrics(registry)
    metrics.watch_cache(_no_cache)
    LineupMetrics(registry, metrics.model_info)
    DeviceMetrics(registry, memory=no_memory, utilisation=no_utilisation, work=no_work)
    PolicyMetrics(registry)
    BrakeMetrics(registry, rulebook, alone=lambda: False, clock=lambda: datetime.now(UTC))
    NamedCategories(registry, rulebook, ())
    NamedBanks(registry, rulebook, dict)
    BankMetrics(registry, dict)
    BankWords(Path(), registry)
    return _described(registry)


def _ledger() -> list[Described]:
    from workers.ledger.accuracy.gauges import AccuracyGauges
    from workers.ledger.metrics import LedgerMetrics

    registry = _listing()
    LedgerMetrics(registry)
    AccuracyGauges(registry)
    return _described(registry)


def _console() -> list[Described]:
    from workers.review.metrics import ReviewMetrics

    registry = _listing()
    ReviewMetrics(registry)
    return _described(registry)


def _listing() -> _Listing:
    """What all of them show."""
    registry = _Listing()
    watch_certificates(KafkaSettings(ssl_ca_file=None, ssl_certificate_file=None), registry)
    show_build(registry)
    return registry


def _no_cache() -> CacheCounts:
    from moderation.inference import CacheCounts

    return CacheCounts(0, 0)


def _described(registry: _Listing) -> list[Described]:
    return sorted(one for collector in registry.collectors for one in _of(collector))


def _of(collector: Collector) -> Iterator[Described]:
    describe = getattr(collector, "describe", collector.collect)
    for family in describe():
        # prometheus_client tells label names nowhere else.
        labels = tuple(getattr(collector, "_labelnames", getattr(family, "_labelnames", ())))
        suffix = "_total" if family.type == "counter" else ""
        yield Described(family.name + suffix, family.type, labels, family.documentation)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

"""Metrics of the ledger."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge


class LedgerMetrics:
    """What the ledger counts, on the registry that it is given.

    Counters count what was new to the ledger; a repetition is counted as a duplicate alone.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.verdicts = Counter(
            "moderation_ledger_verdicts_total",
            "Verdicts counted, by action and by who judged.",
            ("action", "source"),
            registry=registry,
        )
        self.decisions = Counter(
            "moderation_ledger_decisions_total",
            "Reviewer decisions counted, by the machine's action and the reviewer's.",
            ("machine_action", "human_action"),
            registry=registry,
        )
        self.overturned = Counter(
            "moderation_ledger_overturned_total",
            "Machine verdicts that a reviewer made milder, by the machine's category.",
            ("category",),
            registry=registry,
        )
        self.duplicates = Counter(
            "moderation_ledger_duplicates_total",
            "Verdicts and decisions that said nothing new: repeated, or overtaken by a newer one.",
            registry=registry,
        )
        self.unreadable = Counter(
            "moderation_ledger_unreadable_total",
            "Records put aside on the ledger's dead-letter topic, by the topic they came from.",
            ("topic",),
            registry=registry,
        )
        self.author_signals = Counter(
            "moderation_ledger_author_signals_total",
            "Author signals written.",
            registry=registry,
        )
        self.campaigns = Counter(
            "moderation_ledger_campaigns_total",
            "Text keys under which several authors met; a campaign has up to three.",
            registry=registry,
        )
        self.authors = Gauge(
            "moderation_ledger_authors",
            "Authors with counts on this replica.",
            registry=registry,
        )
        self.unmatched_decisions = Gauge(
            "moderation_ledger_unmatched_decisions",
            "Posts with a reviewer's decision whose machine verdict has not been seen.",
            registry=registry,
        )
        self.event_age = Gauge(
            "moderation_ledger_event_age_seconds",
            "Seconds from a judgement to its being counted, of the latest one.",
            registry=registry,
        )

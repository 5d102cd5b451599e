"""Metrics of the ledger."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from workers.metric_maker import MetricMaker


class LedgerMetrics:
    """What the ledger counts, on the registry that it is given.

    Counters count what was new to the ledger; a repetition is counted as a duplicate alone.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        make = MetricMaker(registry)
        self.verdicts = make.counter(
            "ledger_verdicts_total",
            "Verdicts counted, by action and by who judged.",
            "action",
            "source",
        )
        self.decisions = make.counter(
            "ledger_decisions_total",
            "Reviewer decisions counted, by the machine's action and the reviewer's.",
            "machine_action",
            "human_action",
        )
        self.overturned = make.counter(
            "ledger_overturned_total",
            "Machine verdicts that a reviewer made milder, by the machine's category.",
            "category",
        )
        self.duplicates = make.counter(
            "ledger_duplicates_total",
            "Verdicts and decisions that said nothing new: repeated, or overtaken by a newer one.",
        )
        self.unreadable = make.counter(
            "ledger_unreadable_total",
            "Records put aside on the ledger's dead-letter topic, by the topic they came from.",
            "topic",
        )
        self.author_signals = make.counter("ledger_author_signals_total", "Author signals written.")
        self.campaigns = make.counter(
            "ledger_campaigns_total",
            "Text keys under which several authors met; a campaign has up to three.",
        )
        self.authors = make.gauge("ledger_authors", "Authors with counts on this replica.")
        self.unmatched_decisions = make.gauge(
            "ledger_unmatched_decisions",
            "Posts with a reviewer's decision whose machine verdict has not been seen.",
        )
        self.event_age = make.gauge(
            "ledger_event_age_seconds",
            "Seconds from a judgement to its being counted, of the latest one.",
        )

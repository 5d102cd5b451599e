"""What the worker counts and times, on a registry that is handed in."""

from __future__ import annotations

import math
from collections import Counter as Counts
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from schemas import (
    Action,
    DeadLetter,
    ErrorClass,
    Reason,
    ReasonKind,
    Retry,
    Trace,
    Verdict,
    VerdictStatus,
)
from workers.metric_maker import MetricMaker
from workers.moderator.answers import Answer
from workers.moderator.delivery_settings import DeliveryMode
from workers.moderator.in_flight import InFlight
from workers.moderator.records import Record

if TYPE_CHECKING:
    from moderation.inference import CacheCounts

STAGE_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
"""Seconds: from a poll of short texts to a medium that comes at the last moment."""

AGE_BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600)
"""Seconds: from a worker that keeps up to one that works off an hour of backlog."""

BATCH_BUCKETS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)

REBALANCE_BUCKETS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120)
"""Seconds: from a group of one to a drain that takes all its time, and a member that is waited for
until the group gives it up."""

CHUNK_BUCKETS: Final = (1, 4, 16, 64, 128, 256, 512, 1024, 2048)


class _CacheCollector(Collector):
    """The scorer counts on threads of its own; these are its counts at the moment of a scrape."""

    def __init__(self, counts: Callable[[], CacheCounts | None]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        """Both counters, of a model that has a cache."""
        counts = self._counts()
        if counts is None:
            return
        hits = "Pieces of posts whose vectors were known from before."
        yield CounterMetricFamily("moderation_embedding_cache_hits", hits, counts.hits)
        misses = "Pieces of posts that had to be encoded."
        yield CounterMetricFamily("moderation_embedding_cache_misses", misses, counts.misses)


class WorkerMetrics:
    """The metrics of one worker process.

    Args:
        registry: holds them.
        deadline_seconds: age of a post from which on its verdict counts as late.
    """

    def __init__(self, registry: CollectorRegistry, *, deadline_seconds: float = math.inf) -> None:
        self.registry = registry
        self._deadline_seconds = deadline_seconds
        self.exemplar_of: Callable[[Record], dict[str, str] | None] | None = None
        """Names the trace of a record, while posts are traced."""

        make = MetricMaker(registry)
        self.records_consumed = make.counter("records_consumed_total", "Records read from `posts`.")
        self.null_records = make.counter("null_records_total", "Records without a value, skipped.")
        self.verdicts = make.counter("verdicts_total", "Verdicts acknowledged.", "action", "status")
        self.category_flags = make.counter(
            "category_flags_total",
            "Verdicts in which a category was a reason, by the action it asked for and by who said "
            "so; where two did, the verdict counts for both.",
            "category",
            "action",
            "source",
        )
        self.dead_letters = make.counter("dead_letters_total", "Records set aside.", "error_class")
        self.not_scanned = make.counter(
            "not_scanned_total", "Pieces of posts that were not looked at.", "modality", "reason"
        )
        self.decoding_stopped = make.counter(
            "decoding_stopped_total",
            "Hostile media whose decoding was stopped, by `time`, `memory` or a `crash`.",
            "why",
        )
        self.escalations = make.counter("escalations_total", "Posts sent to reviewers.", "queue")
        self.rule_hits = make.counter("rule_hits_total", "Rules that fired.", "rule", "mode")
        self.held_posts = make.counter(
            "held_posts_total",
            "Posts that a brake sent to a person: a rule's quota, or one of all removals.",
            "brake",
            "rule",
        )
        self.rule_errors = make.counter("rule_errors_total", "Rules that failed.", "rule")
        self.reviewers_followed = make.counter(
            "reviewer_decisions_followed_total",
            "Verdicts that follow what a reviewer decided about the same content before.",
        )
        self.commits = make.counter("commits_total", "Commits of offsets.")
        self.commit_seconds = make.histogram(
            "commit_seconds",
            "Of a commit of offsets by itself, where answers are not sent in transactions.",
            buckets=STAGE_BUCKETS,
        )
        self.transactions = make.counter(
            "transactions_total",
            "Transactions by how they ended: `committed`, `aborted`, or `fenced`, where another "
            "worker has the partition.",
            "outcome",
        )
        self.transaction_seconds = make.histogram(
            "transaction_seconds",
            "From the beginning of a transaction to its commit.",
            buckets=STAGE_BUCKETS,
        )
        self.transaction_posts = make.histogram(
            "transaction_posts", "Answers of a transaction.", buckets=CHUNK_BUCKETS
        )
        self.delivery_info = make.gauge("delivery_info", "1; how answers are delivered.", "mode")
        self.retries = make.counter(
            "retries_total", "Posts put off to `posts.retry`, by what was away.", "reason"
        )
        self.superseded = make.counter(
            "superseded_total", "Revisions that something newer overtook before they were judged."
        )
        self.rebalances = make.counter("rebalances_total", "Assignments of partitions received.")
        self.rebalance_seconds = make.histogram(
            "rebalance_seconds",
            "From when the worker joined its group, or was asked for its partitions back, until it "
            "was given some, with the drain in between; it takes no post in meanwhile.",
            buckets=REBALANCE_BUCKETS,
        )
        self.record_age = make.histogram(
            "record_age_seconds",
            "From the broker's timestamp of a post to its verdict.",
            buckets=AGE_BUCKETS,
        )
        self.late_verdicts = make.counter(
            "late_verdicts_total", "Verdicts on posts older than the deadline; judged all the same."
        )
        self.stage_seconds = make.histogram(
            "stage_seconds",
            "Time that a group of posts spends in a stage.",
            "stage",
            buckets=STAGE_BUCKETS,
        )
        self.batch_posts = make.histogram(
            "batch_posts", "Posts that the device took at once.", buckets=BATCH_BUCKETS
        )
        self.in_flight_posts = make.gauge("in_flight_posts", "Records taken in and not answered.")
        self.in_flight_bytes = make.gauge("in_flight_bytes", "Bytes of them and of decoded media.")
        self.intake_paused = make.gauge("intake_paused", "1 while too much is in flight, else 0.")
        self.consumer_lag = make.gauge(
            "consumer_lag_records", "Records on the broker without an answer.", "partition"
        )
        self.retry_lag = make.gauge(
            "retry_lag_records", "Posts that wait on `posts.retry` for another attempt."
        )
        self.model_info = make.gauge("model_info", "1; the model in its label.", "version")
        self.reader_info = make.gauge(
            "reader_info",
            "1; who reads words in pictures and in sounds, `none` where nobody does.",
            "pictures",
            "sounds",
        )
        self.model_load_seconds = make.gauge("model_load_seconds", "To load the model.")
        self.model_warm_up_seconds = make.gauge(
            "model_warm_up_seconds", "To score a first post, so that kernels and memory are there."
        )
        self.device_info = make.gauge("device_info", "1; where the model computes.", "device")
        self.device_busy = make.counter(
            "device_busy_seconds_total",
            "Seconds in which the device computed; their rate is the share of time in use.",
        )
        self.device_waiting = make.gauge(
            "device_waiting_groups", "Groups of posts that wait for the device."
        )

        # Looked up for every post; there are as many as series.
        self._of_verdict = cache(self.verdicts.labels)
        self._of_category = cache(self.category_flags.labels)
        self._of_rule = cache(self.rule_hits.labels)
        self._begin_at_zero()

    def _begin_at_zero(self) -> None:
        """Show what alerts rest on from the start: a rate misses the event that makes a series."""
        for action in Action:
            for status in VerdictStatus:
                self.verdicts.labels(action, status)
        for error_class in ErrorClass:
            self.dead_letters.labels(error_class)

    def deliver_by(self, mode: DeliveryMode) -> None:
        """Say how answers are delivered, and show what that counts from the start."""
        self.delivery_info.labels(mode).set(1)
        if mode is DeliveryMode.EXACTLY_ONCE:
            for outcome in ("committed", "aborted", "fenced"):
                self.transactions.labels(outcome)

    def watch(self, in_flight: InFlight) -> None:
        """Show what is in flight at each scrape."""
        self.in_flight_posts.set_function(lambda: in_flight.posts)
        self.in_flight_bytes.set_function(lambda: in_flight.bytes)
        self.intake_paused.set_function(lambda: in_flight.paused)

    def watch_cache(self, counts: Callable[[], CacheCounts | None]) -> None:
        """Show at each scrape how often the encoders were spared."""
        self.registry.register(_CacheCollector(counts))

    def answered(self, answers: Iterable[Answer], now: datetime) -> None:
        """Count acknowledged answers."""
        verdicts: Counts[tuple[Action, VerdictStatus]] = Counts()
        seconds = now.timestamp()
        for answer in answers:
            outcome = answer.outcome
            if isinstance(outcome, DeadLetter):
                self.dead_letters.labels(outcome.error_class).inc()
                continue
            if isinstance(outcome, Retry):
                self.retries.labels(outcome.reason).inc()
                continue
            verdict = outcome.verdict
            verdicts[verdict.action, verdict.status] += 1
            self._count(verdict)
            self._time(answer.record, seconds)
            if outcome.escalation is not None:
                self.escalations.labels(outcome.escalation.queue).inc()
        # A counter has a lock, so it is told once.
        for series, count in verdicts.items():
            self._of_verdict(*series).inc(count)

    def _time(self, record: Record, now_seconds: float) -> None:
        age = record.age_seconds(now_seconds)
        self.record_age.observe(age, None if self.exemplar_of is None else self.exemplar_of(record))
        if age > self._deadline_seconds:
            self.late_verdicts.inc()

    def _count(self, verdict: Verdict) -> None:
        if verdict.superseded_by is not None:
            self.superseded.inc()
        if verdict.reasons:
            self._count_reasons(verdict.reasons)
        for missed in verdict.not_scanned:
            self.not_scanned.labels(missed.modality, missed.reason).inc()
        if verdict.trace is not None:
            self._count_brakes(verdict.trace)
        for hit in verdict.rule_hits:
            if hit.errored:
                self.rule_errors.labels(hit.rule).inc()
            else:
                self._of_rule(hit.rule, hit.mode).inc()

    def _count_reasons(self, reasons: Sequence[Reason]) -> None:
        flags = {
            (reason.category, reason.action, reason.kind)
            for reason in reasons
            if reason.category is not None
        }
        for flag in flags:
            self._of_category(*flag).inc()
        if any(reason.kind is ReasonKind.HUMAN for reason in reasons):
            self.reviewers_followed.inc()

    def _count_brakes(self, trace: Trace) -> None:
        for one in trace.rules:
            if one.held_back is not None:
                self.held_posts.labels(one.held_back, one.rule).inc()
        if trace.held_back is not None:
            self.held_posts.labels(trace.held_back, "").inc()

"""What the agents do with each record: re-key it by author, then count it.

A handler never raises. A record that cannot be read, or cannot be counted, goes to the ledger's
dead-letter topic whole, with the reason, and is counted; the next record is not held up. What the
broker does not take is sent again until it does.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import faust
from faust.exceptions import ProducerSendError
from faust.types import HeadersArg
from faust.types.tuples import RecordMetadata
from pydantic import ValidationError

from schemas import DeadLetter, ErrorClass, Header, ReviewDecision, Verdict
from workers.ledger.events import DecisionSeen, VerdictSeen, read_event
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.reduce import Step, reduce
from workers.ledger.state import AuthorState
from workers.ledger.topology import Record, Topology

RETRY_SECONDS: Final = 1.0
"""Between attempts to hand a record to the producer; the broker is away, so there is no hurry."""

MAX_ERRORS_NAMED: Final = 3
"""Fields named in a dead letter's reason; the first ones tell what kind of record it is."""

log = logging.getLogger(__name__)

Fatal = Callable[[BaseException], None]
"""Told about an error after which the process must stop without committing."""


class Handlers:
    """One method a topic."""

    def __init__(self, topology: Topology, metrics: LedgerMetrics, *, fatal: Fatal) -> None:
        self._topology = topology
        self._metrics = metrics
        self._fatal = fatal

    def attach(self) -> None:
        """Let the app's agents call the handlers."""
        topology = self._topology
        topology.feed(topology.verdicts, self.route_verdict)
        topology.feed(topology.decisions, self.route_decision)
        topology.feed(topology.by_author, self.count)
        topology.on_recovered(self.take_stock)

    async def route_verdict(self, event: Record) -> None:
        """Send a verdict on to its author's partition."""
        await self._route(event, lambda raw: VerdictSeen.of(Verdict.from_bytes(raw)))

    async def route_decision(self, event: Record) -> None:
        """Send a decision on to its author's partition."""
        await self._route(event, lambda raw: DecisionSeen.of(ReviewDecision.from_bytes(raw)))

    async def count(self, event: Record) -> None:
        """Count an event and tell the moderator.

        A repeated event is told on as well: the earlier attempt may have ended between the table
        and the topic.
        """
        if event.message.value is None:
            return
        tables = self._topology.tables
        try:
            seen = read_event(event.message.value)
            author, post, known = tables.load(seen.author_id, seen.post_id)
            step = reduce(author, post, seen)
            tables.save(seen.author_id, step.author, seen.post_id, step.post)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._put_aside(event, error)
            return
        signals = step.author.signals(seen.author_id)
        await self._send(self._topology.author_signals, seen.author_id.encode(), signals.to_bytes())
        self._observe(author, known, step, seen)

    async def take_stock(self) -> None:
        """Set the gauges from the tables, after they were recovered or changed hands."""
        authors = unmatched = 0
        for row in self._topology.tables.authors.values():
            authors += 1
            unmatched += AuthorState.from_bytes(row).unmatched
        self._metrics.authors.set(authors)
        self._metrics.unmatched_decisions.set(unmatched)

    async def _route(
        self, event: Record, read: Callable[[bytes], VerdictSeen | DecisionSeen]
    ) -> None:
        raw = event.message.value
        if raw is None:  # a tombstone: the broker may forget the post, the counts stay
            return
        try:
            seen = read(raw)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._put_aside(event, error)
            return
        await self._send(self._topology.by_author, seen.author_id.encode(), seen.to_bytes())

    def _observe(
        self, before: AuthorState, known: bool, step: Step, seen: VerdictSeen | DecisionSeen
    ) -> None:
        metrics = self._metrics
        metrics.author_signals.inc()
        metrics.authors.inc(0 if known else 1)
        metrics.unmatched_decisions.inc(step.author.unmatched - before.unmatched)
        metrics.event_age.set(max(0.0, time.time() - seen.decided_at.timestamp()))
        for category in step.overturned:
            metrics.overturned.labels(category).inc()
        if not step.changed:
            metrics.duplicates.inc()
        elif isinstance(seen, VerdictSeen):
            metrics.verdicts.labels(seen.action, seen.source).inc()
        else:
            metrics.decisions.labels(seen.machine_action, seen.action).inc()

    async def _put_aside(self, event: Record, error: Exception) -> None:
        message = event.message
        error_class, reason = _explain(error)
        self._metrics.unreadable.labels(message.topic).inc()
        log.error(
            "record put aside",
            extra={
                "topic": message.topic,
                "partition": message.partition,
                "offset": message.offset,
                "error_class": error_class.value,
                "reason": reason,
            },
        )
        letter = DeadLetter(
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            timestamp=datetime.fromtimestamp(message.timestamp, UTC),
            key=message.key,
            value=message.value or b"",
            headers=_headers(message.headers),
            error_class=error_class,
            reason=reason,
            failed_at=datetime.now(UTC),
        )
        await self._send(self._topology.dead_letter, message.key, letter.to_bytes())

    async def _send(self, topic: faust.TopicT, key: bytes | None, value: bytes) -> None:
        while True:
            try:
                delivery = await topic.send(key=key, value=value)
            except ProducerSendError as error:
                log.warning("the broker takes no record, trying again", extra={"error": str(error)})
                await asyncio.sleep(RETRY_SECONDS)
            else:
                asyncio.ensure_future(delivery).add_done_callback(self._on_delivery)
                return

    def _on_delivery(self, delivery: asyncio.Future[RecordMetadata]) -> None:
        # The producer has already tried for twenty minutes, or the broker refuses for good.
        error = None if delivery.cancelled() else delivery.exception()
        if error is not None:
            self._fatal(error)


def _headers(given: HeadersArg | None) -> tuple[Header, ...]:
    pairs = given.items() if isinstance(given, Mapping) else given or ()
    return tuple(Header(name=name, value=value or b"") for name, value in pairs)


def _explain(error: Exception) -> tuple[ErrorClass, str]:
    """A class and a reason that holds nothing of the record's content."""
    if not isinstance(error, ValidationError):
        return ErrorClass.INTERNAL, f"the ledger failed on it: {type(error).__name__}"
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if any(one["type"] == "json_invalid" for one in found):
        return ErrorClass.NOT_JSON, "the value is not JSON"
    named = "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'the record'}: {one['msg']}"
        for one in found[:MAX_ERRORS_NAMED]
    )
    return ErrorClass.CONTRACT, named[:1000]

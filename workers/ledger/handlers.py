"""What the agents do with each record: re-key it, then count it.

A handler never raises: Faust would acknowledge the record and forget it.
"""

from __future__ import annotations

import time
from typing import TypeVar
from uuid import UUID

from schemas import Message, ReviewDecision, Verdict
from workers.ledger.accuracy import AuditBook, Label, SampledVerdict
from workers.ledger.events import DecisionSeen, VerdictSeen, read_event
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.reduce import Step, reduce
from workers.ledger.sending import Sender, headers_of
from workers.ledger.state import AuthorState
from workers.ledger.topology import Record, Topology
from workers.streams import TRACE_HEADERS, Tracing

M = TypeVar("M", bound=Message)


class Handlers:
    """One method a topic."""

    def __init__(
        self,
        topology: Topology,
        metrics: LedgerMetrics,
        sender: Sender,
        book: AuditBook,
        tracing: Tracing | None = None,
    ) -> None:
        self._topology = topology
        self._metrics = metrics
        self._sender = sender
        self._book = book
        self._tracing = tracing

    def attach(self) -> None:
        """Let the app's agents call the handlers."""
        topology = self._topology
        topology.feed(topology.verdicts, self.route_verdict)
        topology.feed(topology.decisions, self.route_decision)
        topology.feed(topology.by_author, self.count)
        topology.feed(topology.audit, self.audit)
        topology.on_recovered("authors", self.take_stock)
        topology.on_recovered("audit", self.reopen_book)

    async def route_verdict(self, event: Record) -> None:
        """Send a verdict on to its author's partition, and to the audit when it was sampled."""
        verdict = await self._read(event, Verdict)
        if verdict is None:
            return
        self._trace("count verdict", event, verdict.verdict_id)
        await self._to_author(VerdictSeen.of(verdict))
        sampled = SampledVerdict.of(verdict)
        if sampled is not None:
            await self._to_audit(sampled)

    async def route_decision(self, event: Record) -> None:
        """Send a decision on to its author's partition, and to the audit.

        Whether its verdict was sampled is not known here; the audit finds out.
        """
        decision = await self._read(event, ReviewDecision)
        if decision is None:
            return
        self._trace("count decision", event, decision.verdict_id)
        await self._to_author(DecisionSeen.of(decision))
        await self._to_audit(Label.of(decision))

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
            await self._sender.put_aside(event, error)
            return
        signals = step.author.signals(seen.author_id)
        await self._sender.send(
            self._topology.author_signals, seen.author_id.encode(), signals.to_bytes()
        )
        self._observe(author, known, step, seen)

    async def audit(self, event: Record) -> None:
        """Enter a sampled verdict, or an answer, into the audit's book."""
        if event.message.value is None:
            return
        try:
            self._book.enter(event.message.value)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._sender.put_aside(event, error)

    async def take_stock(self) -> None:
        """Set the gauges from the tables, after they were recovered or changed hands."""
        authors = unmatched = 0
        for row in self._topology.tables.authors.values():
            authors += 1
            unmatched += AuthorState.from_bytes(row).unmatched
        self._metrics.authors.set(authors)
        self._metrics.unmatched_decisions.set(unmatched)

    async def reopen_book(self) -> None:
        """Read the audit's book from its table, after it was recovered or changed hands."""
        self._book.reopen()

    async def _read(self, event: Record, kind: type[M]) -> M | None:
        raw = event.message.value
        if raw is None:  # a tombstone: the broker may forget the post, the counts stay
            return None
        try:
            return kind.from_bytes(raw)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._sender.put_aside(event, error)
            return None

    def _trace(self, name: str, event: Record, verdict_id: UUID) -> None:
        """Say in a record's trace, where it has one, that the ledger took it in."""
        if self._tracing is None:
            return
        headers = headers_of(event)
        if any(header == TRACE_HEADERS[0] for header, _ in headers):
            attributes = {"moderation.verdict_id": str(verdict_id)}
            self._tracing.start(name, "CONSUMER", attributes, headers=headers).end()

    async def _to_author(self, seen: VerdictSeen | DecisionSeen) -> None:
        await self._sender.send(self._topology.by_author, seen.author_id.encode(), seen.to_bytes())

    async def _to_audit(self, event: SampledVerdict | Label) -> None:
        await self._sender.send(
            self._topology.audit, str(event.verdict_id).encode(), event.to_bytes()
        )

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

"""What the agents do with each record: re-key it, then count it.

A handler never raises: Faust would acknowledge the record and forget it.
"""

from __future__ import annotations

import time
from typing import TypeVar
from uuid import UUID

from schemas import Message, ReviewDecision, ShadowVerdict, Verdict
from workers.ledger.accuracy import AuditBook, AuditEvent, Label, SampledVerdict, ShadowSeen
from workers.ledger.campaign_watch import CampaignWatch
from workers.ledger.campaigns import CampaignSeen, TextSeen
from workers.ledger.events import DecisionSeen, LedgerEvent, VerdictSeen, read_event
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.reduce import reduce
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
        watch: CampaignWatch,
        *,
        tracing: Tracing | None = None,
    ) -> None:
        self._topology = topology
        self._metrics = metrics
        self._sender = sender
        self._book = book
        self._watch = watch
        self._tracing = tracing

    def attach(self) -> None:
        """Let the app's agents call the handlers."""
        topology = self._topology
        topology.feed(topology.verdicts, self.route_verdict)
        topology.feed(topology.decisions, self.route_decision)
        topology.feed(topology.shadows, self.route_shadow)
        topology.feed(topology.by_author, self.count)
        topology.feed(topology.texts, self.watch_text)
        topology.feed(topology.audit, self.audit)
        topology.on_recovered("authors", self.take_stock)
        topology.on_recovered("audit", self.reopen_book)

    async def route_verdict(self, event: Record) -> None:
        """Send a verdict on to its author and its text, and to the audit when it was sampled."""
        verdict = await self._read(event, Verdict)
        if verdict is None:
            return
        self._trace("count verdict", event, verdict.verdict_id)
        await self._to_author(VerdictSeen.of(verdict))
        for seen in TextSeen.of(verdict):
            await self._sender.send(self._topology.texts, seen.text_key.encode(), seen.to_bytes())
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

    async def route_shadow(self, event: Record) -> None:
        """Send what another model would have said on to the audit, where a verdict is sampled."""
        shadow = await self._read(event, ShadowVerdict)
        seen = None if shadow is None else ShadowSeen.of(shadow)
        if seen is not None:
            await self._to_audit(seen)

    async def count(self, event: Record) -> None:
        """Count an event and tell the moderator.

        A repeated event is told on as well: the earlier attempt may have ended between the table
        and the topic.
        """
        if event.message.value is None:
            return
        try:
            seen = read_event(event.message.value)
            author = self._join(seen) if isinstance(seen, CampaignSeen) else self._count(seen)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._sender.put_aside(event, error)
            return
        signals = author.signals(seen.author_id)
        await self._sender.send(
            self._topology.author_signals, seen.author_id.encode(), signals.to_bytes()
        )
        self._metrics.author_signals.inc()
        self._metrics.event_age.set(max(0.0, time.time() - seen.decided_at.timestamp()))

    async def watch_text(self, event: Record) -> None:
        """Enter a text, and tell authors of the campaign that it is part of, if there is one.

        That all were told is noted last: a crash on the way makes the event come again, and then
        they are told again.
        """
        if event.message.value is None:
            return
        try:
            seen = TextSeen.from_bytes(event.message.value)
            row, messages = self._watch.enter(seen)
        except Exception as error:  # noqa: BLE001 - Faust would acknowledge and forget it
            await self._sender.put_aside(event, error)
            return
        for message in messages:
            await self._to_author(message)
        self._watch.told(seen, row)

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

    async def _to_author(self, seen: LedgerEvent) -> None:
        await self._sender.send(self._topology.by_author, seen.author_id.encode(), seen.to_bytes())

    async def _to_audit(self, event: AuditEvent) -> None:
        await self._sender.send(
            self._topology.audit, str(event.verdict_id).encode(), event.to_bytes()
        )

    def _join(self, seen: CampaignSeen) -> AuthorState:
        """Let the author's row know of a campaign."""
        tables = self._topology.tables
        before, known = tables.author(seen.author_id)
        after = before.with_campaign(seen)
        if after != before:
            tables.save_author(seen.author_id, after)
        self._metrics.authors.inc(0 if known else 1)
        return after

    def _count(self, seen: VerdictSeen | DecisionSeen) -> AuthorState:
        """Count a judgement in its author's row and its post's."""
        tables, metrics = self._topology.tables, self._metrics
        before, post, known = tables.load(seen.author_id, seen.post_id)
        step = reduce(before, post, seen)
        tables.save(seen.author_id, step.author, seen.post_id, step.post)
        metrics.authors.inc(0 if known else 1)
        metrics.unmatched_decisions.inc(step.author.unmatched - before.unmatched)
        for category in step.overturned:
            metrics.overturned.labels(category).inc()
        if not step.changed:
            metrics.duplicates.inc()
        elif isinstance(seen, VerdictSeen):
            metrics.verdicts.labels(seen.action, seen.source).inc()
        else:
            metrics.decisions.labels(seen.machine_action, seen.action).inc()
        return step.author

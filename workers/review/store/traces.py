"""Continues the traces of posts through the console."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation, ReviewDecision
from workers.review.clock import Clock
from workers.review.store.database import Database
from workers.review.store.trace_table import keep_traces, traces_of
from workers.streams import Tracing

if TYPE_CHECKING:
    from opentelemetry.trace import Span

TRACEPARENT = "traceparent"


class Traces:
    """A span when an escalation is queued, and one below it when a person decides.

    Between the two lie hours, so that the database keeps what ties them. Spans name ids and
    outcomes: never content, an author, or the reviewer.

    Args:
        tracing: starts the spans.
        database: keeps what continues them.
        clock: the time, for what is kept no longer.
    """

    def __init__(self, tracing: Tracing, database: Database, clock: Clock) -> None:
        self._tracing = tracing
        self._database = database
        self._clock = clock

    async def queued(
        self, escalations: Iterable[tuple[Escalation, Iterable[tuple[str, bytes | None]]]]
    ) -> None:
        """Trace escalations, each with the headers of its record."""
        kept = {}
        for escalation, headers in escalations:
            subject = escalation.verdict.verdict_id
            attributes = {
                "moderation.verdict_id": str(subject),
                "moderation.queue": escalation.queue,
            }
            span = self._tracing.start("queue for review", "CONSUMER", attributes, headers=headers)
            span.end()
            kept[subject] = self._traceparent(span)
        async with self._database.writing() as session:
            await keep_traces(session, kept, self._clock())

    async def decided(self, session: AsyncSession, decision: ReviewDecision) -> None:
        """Trace a decision in the transaction that takes it."""
        subject = decision.verdict_id
        before = (await traces_of(session, [subject])).get(subject)
        span = self._tracing.start(
            "decide",
            "PRODUCER",
            {
                "moderation.verdict_id": str(subject),
                "moderation.decision_id": str(decision.decision_id),
                "moderation.action": decision.action,
                "moderation.machine_action": decision.machine_action,
            },
            headers=[(TRACEPARENT, before)],
        )
        span.end()
        kept = {decision.decision_id: self._traceparent(span)}
        await keep_traces(session, kept, self._clock())

    async def headers(self, decisions: Iterable[UUID]) -> Mapping[UUID, list[tuple[str, bytes]]]:
        """What the records of decisions carry."""
        async with self._database.reading() as session:
            found = await traces_of(session, decisions)
        return {decision: [(TRACEPARENT, value)] for decision, value in found.items()}

    def _traceparent(self, span: Span) -> bytes:
        return dict(self._tracing.headers_of(span))[TRACEPARENT]

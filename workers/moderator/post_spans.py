"""A span for each post that the worker answers, while tracing is on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from schemas import DeadLetter, Retry
from workers.moderator.answers import Answer
from workers.moderator.records import Record
from workers.streams import TRACE_HEADERS, Tracing

if TYPE_CHECKING:
    from aiokafka import TopicPartition
    from opentelemetry.trace import Span

Key = tuple["TopicPartition", int, int]


class PostSpans:
    """Opens a span when a record is taken in and ends it when the broker has its answer.

    Spans name places, ids of verdicts, and outcomes: never a post's content or its author.

    Args:
        tracing: starts the spans.
    """

    def __init__(self, tracing: Tracing) -> None:
        self._tracing = tracing
        self._open: dict[Key, Span] = {}

    def begin(self, records: Sequence[Record]) -> list[Record]:
        """The records with headers that name their new spans, so that every answer carries them."""
        return [self._begin(record) for record in records]

    def watch(self, records: Sequence[Record]) -> Callable[[str, float], None]:
        """Tells the spans of the records of a stage that they passed, and its seconds."""
        spans = [span for record in records if (span := self._open.get(_key(record))) is not None]

        def passed(stage: str, seconds: float) -> None:
            for span in spans:
                span.add_event(
                    stage, {"moderation.seconds": seconds, "moderation.group_posts": len(records)}
                )

        return passed

    @contextmanager
    def sending(self, answers: Sequence[Answer]) -> Iterator[None]:
        """Ends the spans of the answers; they say what was answered once the block ends well."""
        spans = [(answer, self._open.pop(_key(answer.record), None)) for answer in answers]
        begin = time.perf_counter()
        delivered = False
        try:
            yield
            delivered = True
        finally:
            seconds = time.perf_counter() - begin
            for answer, span in spans:
                if span is None:
                    continue
                if delivered:
                    span.add_event(
                        "emit",
                        {"moderation.seconds": seconds, "moderation.group_posts": len(answers)},
                    )
                    _tell(span, answer)
                else:
                    _fail(span, "not_delivered")
                span.end()

    def finish(self, records: Sequence[Record]) -> None:
        """End the spans of records that got no answer here: another worker has the partition."""
        for record in records:
            span = self._open.pop(_key(record), None)
            if span is not None:
                _fail(span, "unanswered")
                span.end()

    def _begin(self, record: Record) -> Record:
        span = self._tracing.start(
            "moderate post",
            "CONSUMER",
            {
                "messaging.system": "kafka",
                "messaging.destination.name": record.place.topic,
                "messaging.destination.partition.id": str(record.place.partition),
                "messaging.kafka.offset": record.offset,
                "moderation.attempt": 1 + (record.retry.attempt if record.retry else 0),
            },
            headers=record.headers,
        )
        if span.is_recording():
            self._open[_key(record)] = span
        others = [header for header in record.headers if header[0] not in TRACE_HEADERS]
        return record._replace(headers=(*others, *self._tracing.headers_of(span)))


def exemplar(record: Record) -> dict[str, str] | None:
    """The trace of a record whose span is kept; for records that :meth:`PostSpans.begin` gave."""
    for name, value in record.headers:
        if name == "traceparent":
            _, trace_id, _, flags = value.decode().split("-")
            return {"trace_id": trace_id} if int(flags, 16) & 1 else None
    return None


def _key(record: Record) -> Key:
    return record.place, record.offset, record.epoch


def _tell(span: Span, answer: Answer) -> None:
    outcome = answer.outcome
    if isinstance(outcome, DeadLetter):
        span.set_attribute("moderation.error_class", outcome.error_class)
        _fail(span, "dead_letter")
    elif isinstance(outcome, Retry):
        span.set_attribute("moderation.outcome", "retry")
        span.set_attribute("moderation.retry_reason", outcome.reason)
    else:
        verdict = outcome.verdict
        span.set_attributes(
            {
                "moderation.outcome": "verdict",
                "moderation.verdict_id": str(verdict.verdict_id),
                "moderation.action": verdict.action,
                "moderation.status": verdict.status,
                "moderation.escalated": outcome.escalation is not None,
                "moderation.model": verdict.versions.model,
                "moderation.policy": verdict.versions.policy,
            }
        )


def _fail(span: Span, outcome: str) -> None:
    from opentelemetry.trace import StatusCode

    span.set_attribute("moderation.outcome", outcome)
    span.set_status(StatusCode.ERROR)

"""Log lines about posts: what holds for one while it is worked on, and how it was answered."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars

from schemas import DeadLetter, Retry
from workers.moderator.answers import Answer
from workers.moderator.records import Arrival, Record
from workers.streams import get_logger

log = get_logger(__name__)

TraceOf = Callable[[Record], dict[str, str] | None]
"""Names the trace of a record, where it has one."""


@contextmanager
def naming(group: Sequence[Arrival], trace_of: TraceOf | None = None) -> Iterator[None]:
    """Every line that is logged in the block about a group of one post names that post."""
    if len(group) != 1:
        yield
        return
    (arrival,) = group
    post = arrival.post
    ids = _place(arrival.record, trace_of) | {"post_id": post.post_id, "revision": post.revision}
    with bound_contextvars(**ids):
        yield


def tell(answers: Sequence[Answer], trace_of: TraceOf | None = None) -> None:
    """One line an answer that the broker has, at DEBUG: to follow a post by its id."""
    if not log.isEnabledFor(logging.DEBUG):
        return
    for answer in answers:
        ids = _place(answer.record, trace_of)
        match answer.outcome:
            case DeadLetter(error_class=error_class):
                log.debug("set aside", error_class=error_class, **ids)
            case Retry(reason=reason):
                log.debug("put off", reason=reason, **ids)
            case judgement:
                verdict = judgement.verdict
                log.debug(
                    "judged",
                    post_id=verdict.post_id,
                    revision=verdict.revision,
                    verdict_id=str(verdict.verdict_id),
                    action=verdict.action,
                    status=verdict.status,
                    **ids,
                )


def _place(record: Record, trace_of: TraceOf | None) -> dict[str, str | int]:
    trace = trace_of(record) if trace_of is not None else None
    return {
        "topic": record.place.topic,
        "partition": record.place.partition,
        "offset": record.offset,
        **(trace or {}),
    }

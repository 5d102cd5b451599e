"""The way out of the ledger: records to topics, and what cannot be counted set aside whole.

What the broker does not take is sent again until it does. What cannot be read, or cannot be
counted, goes to the ledger's dead-letter topic with the reason, and is counted; the next record is
not held up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import faust
from faust.exceptions import ProducerSendError
from faust.types import HeadersArg
from faust.types.tuples import RecordMetadata
from pydantic import ValidationError

from schemas import DeadLetter, ErrorClass, Header
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.topology import Record
from workers.streams import get_logger

RETRY_SECONDS: Final = 1.0
"""Between attempts to hand a record to the producer; the broker is away, so there is no hurry."""

MAX_ERRORS_NAMED: Final = 3
"""Fields named in a dead letter's reason; the first ones tell what kind of record it is."""

log = get_logger(__name__)

Fatal = Callable[[BaseException], None]
"""Told about an error after which the process must stop without committing."""


class Sender:
    """Hands records to the producer."""

    def __init__(self, dead_letter: faust.TopicT, metrics: LedgerMetrics, *, fatal: Fatal) -> None:
        self._dead_letter = dead_letter
        self._metrics = metrics
        self._fatal = fatal

    async def send(self, topic: faust.TopicT, key: bytes | None, value: bytes) -> None:
        """Send a record; returns once the producer has it."""
        while True:
            try:
                delivery = await topic.send(key=key, value=value)
            except ProducerSendError as error:
                log.warning("the broker takes no record, trying again", error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                asyncio.ensure_future(delivery).add_done_callback(self._on_delivery)
                return

    async def put_aside(self, event: Record, error: Exception) -> None:
        """Send a record that cannot be counted to the dead-letter topic."""
        message = event.message
        error_class, reason = _explain(error)
        self._metrics.unreadable.labels(message.topic).inc()
        log.error(
            "record put aside",
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            error_class=error_class.value,
            reason=reason,
        )
        letter = DeadLetter(
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            timestamp=datetime.fromtimestamp(message.timestamp, UTC),
            key=message.key,
            value=message.value or b"",
            headers=tuple(Header(name=name, value=value) for name, value in headers_of(event)),
            error_class=error_class,
            reason=reason,
            failed_at=datetime.now(UTC),
        )
        await self.send(self._dead_letter, message.key, letter.to_bytes())

    def _on_delivery(self, delivery: asyncio.Future[RecordMetadata]) -> None:
        # The producer has already tried for twenty minutes, or the broker refuses for good.
        error = None if delivery.cancelled() else delivery.exception()
        if error is not None:
            self._fatal(error)


def headers_of(event: Record) -> list[tuple[str, bytes]]:
    """A record's headers; a value of null is empty."""
    given: HeadersArg | None = event.message.headers
    pairs = given.items() if isinstance(given, Mapping) else given or ()
    return [(name, value or b"") for name, value in pairs]


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

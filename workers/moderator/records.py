"""A record of the topic ``posts``: where it stood, what it held, and the post read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from pydantic import ValidationError

from schemas import RETRY_HEADER, DeadLetter, ErrorClass, Header, Post, Retry
from schemas.base import MAX_DETAIL_LENGTH
from workers.moderator.errors import UnreadableRecordError

MAX_ERRORS_NAMED: Final = 5
"""Broken fields that a reason lists; a producer mends the first ones first."""


LATEST_TIMESTAMP_MS: Final = 253_402_300_799_000
"""The last second of the year 9999, the last that Python's datetime knows."""


class Origin(NamedTuple):
    """Where a post first stood. A retried one stands elsewhere by now."""

    topic: str
    partition: int
    offset: int


class Record(NamedTuple):
    """A record as the consumer read it. ``epoch`` numbers the assignment under which it came.

    ``retry`` tells of the attempts so far, on a record that was tried before. Then ``timestamp_ms``
    is that of the post where it first stood.
    """

    place: TopicPartition
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    epoch: int
    retry: Retry | None = None

    @classmethod
    def read(
        cls, raw: Any, place: TopicPartition, epoch: int, retry: Retry | None = None
    ) -> Record:
        """From aiokafka's record, whose value is not null."""
        headers = tuple(
            [(name, value or b"") for name, value in raw.headers if name != RETRY_HEADER]
        )
        first = raw.timestamp if retry is None else int(retry.timestamp.timestamp() * 1000)
        return cls(place, raw.offset, first, raw.key, raw.value, headers, epoch, retry)

    @property
    def origin(self) -> Origin:
        """Where the post first stood."""
        if self.retry is None:
            return Origin(self.place.topic, self.place.partition, self.offset)
        return Origin(self.retry.topic, self.retry.partition, self.retry.offset)

    @property
    def timestamp(self) -> datetime:
        """The broker's time of the record."""
        # A producer may give any time, and -1 means none.
        milliseconds = min(max(0, self.timestamp_ms), LATEST_TIMESTAMP_MS)
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

    def age_seconds(self, now_seconds: float) -> float:
        """From the broker's time to now, in Unix time; 0 where the broker's clock is ahead."""
        return max(0.0, now_seconds - self.timestamp_ms / 1000)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record that holds a post."""

    record: Record
    post: Post


def read_post(value: bytes) -> Post:
    """Parse the value of a record.

    Raises:
        UnreadableRecordError: it is no JSON, or breaks the contract; the reason names each field
            and what was expected, never what was found.
    """
    try:
        return Post.from_bytes(value)
    except ValidationError as error:
        # Only types, places and messages of the schema: the input itself stays out of every log.
        errors = error.errors(include_url=False, include_input=False, include_context=False)
        if any(entry["type"] == "json_invalid" for entry in errors):
            raise UnreadableRecordError(
                ErrorClass.NOT_JSON, "the value is not one JSON object in UTF-8"
            ) from None
        named = [f"{_path(entry['loc'])}: {entry['msg']}" for entry in errors[:MAX_ERRORS_NAMED]]
        if len(errors) > MAX_ERRORS_NAMED:
            named.append(f"and {len(errors) - MAX_ERRORS_NAMED} more")
        raise UnreadableRecordError(ErrorClass.CONTRACT, "; ".join(named)) from None


def read_retry(headers: Iterable[tuple[str, bytes | None]]) -> Retry | None:
    """The attempts so far, of a record on ``posts.retry``.

    None where nobody says so, or not in words of the contract: such a record is tried at once.
    """
    for name, value in headers:
        if name == RETRY_HEADER:
            try:
                return Retry.from_bytes(value or b"")
            except ValidationError:
                return None
    return None


def dead_letter(
    record: Record, error_class: ErrorClass, reason: str, failed_at: datetime
) -> DeadLetter:
    """The record set aside, whole, with where it stood and why."""
    origin = record.origin
    return DeadLetter(
        topic=origin.topic,
        partition=origin.partition,
        offset=origin.offset,
        timestamp=record.timestamp,
        key=record.key,
        value=record.value,
        headers=tuple(Header(name=name, value=value) for name, value in record.headers),
        error_class=error_class,
        reason=reason[:MAX_DETAIL_LENGTH],
        failed_at=failed_at,
    )


def _path(location: Iterable[str | int]) -> str:
    """``("images", 0, "url")`` as ``images[0].url``."""
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path or "post"

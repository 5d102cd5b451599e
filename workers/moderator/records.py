"""A record of the topic ``posts``: where it stood, what it held, and the post read from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from aiokafka import TopicPartition
from pydantic import ValidationError

from schemas import DeadLetter, ErrorClass, Header, Post
from schemas.base import MAX_DETAIL_LENGTH
from workers.moderator.errors import UnreadableRecordError

MAX_ERRORS_NAMED: Final = 5
"""Broken fields that a reason lists; a producer mends the first ones first."""


LATEST_TIMESTAMP_MS: Final = 253_402_300_799_000
"""The last second of the year 9999, the last that Python's datetime knows."""


class Record(NamedTuple):
    """A record as the consumer read it. ``epoch`` numbers the assignment under which it came."""

    place: TopicPartition
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes
    headers: tuple[tuple[str, bytes], ...]
    epoch: int

    @classmethod
    def read(cls, raw: Any, place: TopicPartition, epoch: int) -> Record:
        """From aiokafka's record, whose value is not null."""
        headers = tuple((name, value or b"") for name, value in raw.headers)
        return cls(place, raw.offset, raw.timestamp, raw.key, raw.value, headers, epoch)

    @property
    def timestamp(self) -> datetime:
        """The broker's time of the record."""
        # A producer may give any time, and -1 means none.
        milliseconds = min(max(0, self.timestamp_ms), LATEST_TIMESTAMP_MS)
        return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)

    def age_seconds(self, now: datetime) -> float:
        """From the broker's time to ``now``; 0 where the broker's clock is ahead."""
        return max(0.0, now.timestamp() - self.timestamp_ms / 1000)


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


def dead_letter(
    record: Record, error_class: ErrorClass, reason: str, failed_at: datetime
) -> DeadLetter:
    """The record set aside, whole, with where it stood and why."""
    return DeadLetter(
        topic=record.place.topic,
        partition=record.place.partition,
        offset=record.offset,
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

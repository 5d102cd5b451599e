"""A record that could not become a verdict, kept whole so that nothing is lost."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Base64, Detail, Instant, Message, Part


class ErrorClass(StrEnum):
    """What kind of failure it was; bounded, so that it can be a metric's label."""

    NOT_JSON = "not_json"
    CONTRACT = "contract"  # JSON that breaks the schema
    POISON = "poison"  # valid, yet no stage could process it
    INTERNAL = "internal"


class Header(Part):
    """One header of a Kafka record; names may repeat."""

    name: str
    value: Base64


class DeadLetter(Message):
    """The original record, where it stood, and why it was set aside.

    On the topic ``posts.dead-letter`` under the record's own key.
    """

    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    timestamp: Instant
    """The broker's timestamp of the original record."""
    key: Base64 | None = None
    value: Base64
    headers: tuple[Header, ...] = ()
    error_class: ErrorClass
    reason: Detail
    failed_at: Instant

"""What every message has in common: strictness, bounds, and the bytes on the wire."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Final, Self

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

MAX_ID_LENGTH = 128
"""Characters. Long enough for a UUID, a snowflake or a URN; short enough for a Kafka key."""

MAX_TEXT_LENGTH = 40_000
"""Characters. Above the longest post of the large platforms; longer records are dead-lettered."""

MAX_DETAIL_LENGTH = 1_000
"""Characters of a human-readable explanation."""


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def storable(value: str) -> str:
    """Refuse what UTF-8 or PostgreSQL cannot hold, so that no later stage trips over it."""
    if "\x00" in value:
        raise ValueError("holds a NUL character (U+0000); remove it before producing")
    if not value.isascii() and _SURROGATE.search(value):
        raise ValueError("holds an unpaired surrogate; encode the text as valid UTF-8")
    return value


def _from_base64(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError(f"is not base64 (RFC 4648 section 4): {error}") from None


Base64 = Annotated[
    bytes,
    BeforeValidator(_from_base64),
    PlainSerializer(lambda raw: base64.b64encode(raw).decode(), when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64"}),
]
"""Bytes in Python, standard base64 in JSON."""

Identifier = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_ID_LENGTH, pattern=r"^[A-Za-z0-9._:@/+=-]+$"),
]
"""An opaque id given by the platform: printable ASCII without spaces, safe as a key or a path."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
"""A short lower-case name of ours: a rule, a queue, a surface, a label."""

Detail = Annotated[str, StringConstraints(max_length=MAX_DETAIL_LENGTH), AfterValidator(storable)]
"""A sentence for a person."""

PostText = Annotated[str, StringConstraints(max_length=MAX_TEXT_LENGTH), AfterValidator(storable)]
"""What a user wrote, in any script; storable in UTF-8 and in every database."""

Probability = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
"""A calibrated probability."""

Instant = AwareDatetime
"""A moment with its UTC offset; a naive time is refused."""


class Message(BaseModel):
    """A value on a topic.

    Unknown fields are ignored, so that a newer writer does not break an older reader; known fields
    are strict, so that a wrong type is an error and never a guess. Validation errors do not quote
    the input: it is a user's, and errors end in logs.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        strict=True,
        ser_json_inf_nan="null",
        hide_input_in_errors=True,
    )

    def to_bytes(self) -> bytes:
        """The message as it travels: compact UTF-8 JSON without absent fields."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read what :meth:`to_bytes` wrote.

        Raises:
            pydantic.ValidationError: the bytes are no JSON, or break the contract; the error names
                each field and what was expected.
        """
        return cls.model_validate_json(raw)


class Part(Message):
    """A piece of a message; it never travels alone."""

"""What no log line shows: content of posts, personal data, credentials.

Our own code logs ids and numbers only. Should more get into a line all the same, or a library
speak, this is what stands in between: libraries may not speak at DEBUG, of an exception from
outside only the class and the place are shown (``int("a post's text")`` quotes what it was given),
and personal data and credentials are masked in whatever is left.
"""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from typing import Final

from aiokafka.errors import KafkaError
from structlog.typing import EventDict, WrappedLogger

from workers.personal_data import masked

MAX_FIELD_LENGTH: Final = 500
"""Characters of one field; a longer one is cut, so that a line stays a line."""

MAX_MASKED_LENGTH: Final = 8_000
"""Characters of an event or a stack that are read at all: masking 40,000 takes a tenth of a second
of the event loop, and a stack of forty frames has 4,000."""

MASK: Final = "[secret]"

_OURS: Final = ("workers", "moderation", "rules", "schemas")
"""Packages whose log lines and exceptions hold no content, because they are written here."""

_SECRET_FIELD: Final = re.compile("password|passwd|secret|token|authorization|cookie|credential")
_URL_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s/@]{1,512}@")
"""``name:password@`` before the host of a URL (RFC 3986, 3.2.1)."""
_AUTHORIZATION: Final = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)
"""An HTTP header's value: RFC 6750, RFC 7617."""


def is_meant_for_operators(record: logging.LogRecord) -> bool:
    """Whether the line is ours, or a library's that quotes nothing of what passes through it.

    A library's DEBUG does, and OpenTelemetry warns of every wrong header of a producer, in full.
    """
    if record.name.startswith("opentelemetry.trace."):
        return record.levelno >= logging.ERROR
    return record.levelno > logging.DEBUG or _is_ours(record.name)


def without_content(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """The fields of a line as they may be shown; a structlog processor.

    Takes the record's ``positional_args`` and ``exc_info``; a stack becomes ``exception``.
    """
    record: logging.LogRecord = fields["_record"]
    arguments, raised = fields.pop("positional_args", ()), fields.pop("exc_info", None)
    fields["event"] = _event(record.name, record.msg, arguments)
    for name, value in fields.items():
        if name not in {"event", "_record", "_from_structlog"}:
            is_secret = isinstance(value, str) and _SECRET_FIELD.search(name.lower())
            fields[name] = MASK if is_secret else shown(value)
    if raised and raised[1] is not None:
        fields["exception"] = _masked_part("".join(_stack(raised[1])), MAX_MASKED_LENGTH)
    return fields


def shown(value: object) -> object:
    """A field's value: numbers as they are, the rest as masked text of a bounded length."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return _masked_part(str(_named(value)), MAX_FIELD_LENGTH)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _OURS


def _event(logger: str, message: object, arguments: object) -> str:
    """The message; exceptions among its arguments are named, not quoted."""
    if isinstance(arguments, tuple):
        arguments = tuple(map(_named, arguments))
    text = str(_named(message))
    try:
        text = text % arguments if arguments else text
    except (TypeError, ValueError, KeyError):
        text += " (its arguments do not fit)"
    if not _is_ours(logger):
        # asyncio adds the reprs of tasks and their exceptions on further lines.
        text = text.partition("\n")[0]
    return _masked_part(text, MAX_MASKED_LENGTH)


def _named(value: object) -> object:
    return _told(value) if isinstance(value, BaseException) else value


def _told(error: BaseException) -> str:
    """Class and message; of classes from outside, which may quote what they were given, no message.

    Those of the operating system and of Kafka's client tell of files and brokers only.
    """
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else _full_name(kind)
    if _is_ours(kind.__module__) or isinstance(error, OSError | KafkaError):
        return f"{name}: {error}"
    return f"{name} (its message is left out, for it may quote a post)"


def _full_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _stack(error: BaseException) -> Iterator[str]:
    """As Python prints it, causes first, with :func:`_told` in the place of messages."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None and before is not error:
        yield from _stack(before)
        yield "\nwhile that was handled, or because of it:\n\n"
    yield "Traceback (most recent call last):\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_told(error)}\n"
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _stack(one)


def _masked_part(text: str, length: int) -> str:
    """Masked before it is cut, or the cut could leave half of a number."""
    text = text[: length + MAX_FIELD_LENGTH]
    text = _URL_CREDENTIALS.sub("", text)
    text = masked(_AUTHORIZATION.sub(rf"\1 {MASK}", text))
    return text if len(text) <= length else text[:length] + "…"

"""Log lines for people and machines: one line an event, ids and numbers, never content.

Use the standard library: ``log.info("drained", extra={"partition": 3, "offset": 41})``. What is in
``extra`` becomes a field. Never put a post's text, a raw record or the text of a pydantic error
into a message or a field; post ids, offsets and error classes are fine.

Should it happen all the same, this is what stands in between: libraries may not speak at DEBUG, of
an exception from outside only the class and the place are shown (``int("a post's text")`` quotes
what it was given), and personal data is masked in whatever is left.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Literal

from aiokafka.errors import KafkaError

from workers.personal_data import masked

log = logging.getLogger(__name__)

LogFormat = Literal["text", "json"]

MAX_FIELD_LENGTH: Final = 500
"""Characters of one field; a longer one is cut, so that a line stays a line."""

MAX_MASKED_LENGTH: Final = 8_000
"""Characters of an event or a stack that are read at all: masking 40,000 takes a tenth of a second
of the event loop, and a stack of forty frames has 4,000."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

_OURS: Final = ("workers", "moderation", "rules", "schemas")
"""Packages whose log lines and exceptions hold no content, because they are written here."""

_CHATTY: Final = ("aiokafka", "kafka", "httpx", "httpcore", "urllib3", "asyncio")
"""Libraries whose INFO lines are about themselves."""


def configure_logging(process: str, *, level: str = "INFO", log_format: LogFormat = "text") -> None:
    """Send every log line of this process to standard error, in one format.

    Args:
        process: name of the process, a field of every line: ``worker``, ``ledger`` …
        level: the least severe level to show, e.g. ``INFO``.
        log_format: ``text`` writes key=value pairs, ``json`` one object a line.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(process, log_format=log_format))
    handler.addFilter(_is_meant_for_operators)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_the_end


def _log_the_end(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An error that nobody caught, told like all others rather than with all that it quotes."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("the process ends by an error", exc_info=(kind, error, trace))


class LineFormatter(logging.Formatter):
    """One line a record: time, level, process, logger, event, then the fields of ``extra``."""

    def __init__(self, process: str, *, log_format: LogFormat = "text") -> None:
        super().__init__()
        self._process = process
        self._as_json = log_format == "json"

    def format(self, record: logging.LogRecord) -> str:
        """The line, without a line end."""
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        fields: dict[str, Any] = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": self._process,
            "logger": record.name,
            "event": _event(record),
        }
        fields |= {
            name: _shown(value) for name, value in vars(record).items() if name not in _STANDARD
        }
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = _masked_part("".join(_stack(record.exc_info[1])), MAX_MASKED_LENGTH)
        if self._as_json:
            return json.dumps(fields, default=_shown_object, ensure_ascii=False)
        return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _is_meant_for_operators(record: logging.LogRecord) -> bool:
    """Whether the line is ours, or a library's that quotes nothing of what passes through it.

    A library's DEBUG does, and OpenTelemetry warns of every wrong header of a producer, in full.
    """
    if record.name.startswith("opentelemetry.trace."):
        return record.levelno >= logging.ERROR
    return record.levelno > logging.DEBUG or _is_ours(record.name)


def _is_ours(name: str) -> bool:
    return name.partition(".")[0] in _OURS


def _event(record: logging.LogRecord) -> str:
    """The message; exceptions among its arguments are named, not quoted."""
    if isinstance(record.args, tuple):
        arguments = tuple(map(_named, record.args))
        record = logging.makeLogRecord(vars(record) | {"args": arguments})
    text = str(_named(record.msg)) if isinstance(record.msg, BaseException) else record.getMessage()
    if not _is_ours(record.name):
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


def _shown(value: object) -> object:
    """A field's value: numbers as they are, the rest as masked text of a bounded length."""
    if value is None or isinstance(value, bool | int | float):
        return value
    return _shown_object(value)


def _shown_object(value: object) -> str:
    return _masked_part(str(_named(value)), MAX_FIELD_LENGTH)


def _masked_part(text: str, length: int) -> str:
    """Masked before it is cut, or the cut could leave half of a number."""
    shown = masked(text[: length + MAX_FIELD_LENGTH])
    return shown if len(shown) <= length else shown[:length] + "…"


def _quoted(value: object) -> str:
    """The value as it stands in a key=value line: quoted when it is not one plain word."""
    text = str(value)
    if text and text.isprintable() and not any(char in ' "=' for char in text):
        return text
    return json.dumps(text, ensure_ascii=False)

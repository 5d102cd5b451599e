"""Log lines for people and machines: one line an event, ids and numbers, never content.

``log = get_logger(__name__)``, then ``log.info("drained", partition=3, offset=41)``. Never put a
post's text, a raw record or the text of a pydantic error into an event or a field; ids, offsets and
error classes are fine. What holds for everything that is logged while a block runs, such as the
post that it is about, is bound once by ``structlog.contextvars.bound_contextvars``.

structlog stands at both ends and the standard library between them: our loggers hand their fields
to ``logging``, so that whoever imports us without :func:`configure_logging` decides for himself,
and one handler renders our lines and those of libraries alike.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
import textwrap
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Literal, TextIO

import structlog
from structlog.contextvars import merge_contextvars
from structlog.dev import ConsoleRenderer
from structlog.processors import JSONRenderer
from structlog.stdlib import (
    BoundLogger,
    ExtraAdder,
    ProcessorFormatter,
    filter_by_level,
    render_to_log_args_and_kwargs,
)
from structlog.typing import EventDict, Processor, WrappedLogger

from workers.streams.log_privacy import is_meant_for_operators, without_content

LogFormat = Literal["text", "json"]

_CHATTY: Final = ("aiokafka", "kafka", "httpx", "httpcore", "urllib3", "asyncio")
"""Libraries whose INFO lines are about themselves."""


def get_logger(name: str) -> BoundLogger:
    """A logger whose keywords become fields of the line."""
    logger: BoundLogger = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[filter_by_level, render_to_log_args_and_kwargs],
        wrapper_class=BoundLogger,
    )
    return logger


log = get_logger(__name__)


def configure_logging(process: str, *, level: str = "INFO", log_format: LogFormat = "text") -> None:
    """Send every log line of this process to standard error, in one format.

    Args:
        process: name of the process, a field of every line: ``worker``, ``ledger`` …
        level: the least severe level to show, e.g. ``INFO``.
        log_format: ``json`` writes one object a line; ``text`` is for a terminal, in colours where
            standard error is one, and shows stacks on lines of their own, indented.
    """
    handler = _Handler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[
                merge_contextvars,
                ExtraAdder(),
                without_content,
                *_renderers(process, log_format),
            ],
            pass_foreign_args=True,
            use_get_message=False,
        )
    )
    handler.addFilter(is_meant_for_operators)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_the_end
    threading.excepthook = _log_the_end_of_a_thread


class _Handler(logging.StreamHandler[TextIO]):
    """Says that a line was lost; the standard library would quote all that it was made of."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging calls it by this name
        """A line that could not be rendered, or not be written."""
        with suppress(OSError, ValueError):
            self.stream.write(f"a line of {record.name} could not be logged{self.terminator}")


def _log_the_end(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An error that nobody caught, told like all others rather than with all that it quotes."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    log.critical("the process ends by an error", exc_info=(kind, error, trace))


def _log_the_end_of_a_thread(ended: threading.ExceptHookArgs) -> None:
    """As :func:`_log_the_end`; the process goes on."""
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        log.critical("a thread ends by an error", exc_info=ended.exc_value)


def _renderers(process: str, log_format: LogFormat) -> Sequence[Processor]:
    if log_format == "json":
        where = {"process": process, "host": socket.gethostname(), "pid": os.getpid()}
        return (
            _Heading(where),
            ProcessorFormatter.remove_processors_meta,
            JSONRenderer(ensure_ascii=False),
        )
    return (
        _Heading({"process": process}),
        ProcessorFormatter.remove_processors_meta,
        _on_lines_of_its_own,
        ConsoleRenderer(colors=_in_colours(), sort_keys=False),
    )


class _Heading:
    """Puts first what every line has: when, how bad, who, what."""

    def __init__(self, where: EventDict) -> None:
        self._where = where

    def __call__(self, _: WrappedLogger, __: str, fields: EventDict) -> EventDict:
        record: logging.LogRecord = fields["_record"]
        moment = datetime.fromtimestamp(record.created, tz=UTC)
        return {
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **self._where,
            "logger": record.name,
            "event": fields.pop("event"),
            **fields,
        }


def _on_lines_of_its_own(_: WrappedLogger, __: str, fields: EventDict) -> EventDict:
    """Nothing in a line can end it or move the cursor; a stack is indented below it."""
    for name, value in fields.items():
        if isinstance(value, str):
            fields[name] = "\n".join(map(_printable, _lines(name, value)))
    if "exception" in fields:
        fields["exception"] = textwrap.indent(fields["exception"].rstrip(), "    ", lambda _: True)
    return fields


def _lines(name: str, value: str) -> Sequence[str]:
    return value.split("\n") if name == "exception" else (value,)


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _in_colours() -> bool:
    """On a terminal, unless its user wants none (no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")

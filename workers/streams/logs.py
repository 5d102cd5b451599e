"""Log lines for people and machines: one line an event, ids and numbers, never content.

Use the standard library: ``log.info("drained", extra={"partition": 3, "offset": 41})``. What is in
``extra`` becomes a field. Never put a post's text, a raw record or the text of a pydantic error
into a message or a field; post ids, offsets and error classes are fine.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, Final, Literal

LogFormat = Literal["text", "json"]

MAX_FIELD_LENGTH: Final = 500
"""Characters of one field; a longer one is cut, so that a line stays a line."""

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

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
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


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
            "event": record.getMessage(),
        }
        fields |= {
            name: _shortened(value) for name, value in vars(record).items() if name not in _STANDARD
        }
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        if self._as_json:
            return json.dumps(fields, default=str, ensure_ascii=False)
        return " ".join(f"{name}={_quoted(value)}" for name, value in fields.items())


def _shortened(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_FIELD_LENGTH:
        return value[:MAX_FIELD_LENGTH] + "…"
    return value


def _quoted(value: object) -> str:
    """The value as it stands in a key=value line: quoted when it is not one plain word."""
    text = str(value)
    if text and text.isprintable() and not any(char in ' "=' for char in text):
        return text
    return json.dumps(text, ensure_ascii=False)

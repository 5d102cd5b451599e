"""Moments as people write them on the command line: a date with time, or a time ago."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"(\d+)([mhd])")
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


def moment(text: str, now: datetime) -> datetime:
    """The moment that a text names: ``24h`` (ago), or ISO 8601 with its offset from UTC.

    Raises:
        ValueError: it names none; with what was expected.
    """
    ago = _AGO.fullmatch(text)
    if ago is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    expected = f"{text!r} is no moment; expected 90m, 24h, 7d (ago), or 2026-01-31T12:00:00Z"
    try:
        named = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(expected) from error
    if named.tzinfo is None:
        raise ValueError(f"{expected}, with the offset from UTC")
    return named

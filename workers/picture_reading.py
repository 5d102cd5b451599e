"""Whether the words in pictures are read: a choice of the worker and of the offline commands."""

from __future__ import annotations

from enum import StrEnum


class PictureReading(StrEnum):
    """Whether text in pictures is read."""

    AUTO = "auto"
    """Where the extra ``ocr`` is installed."""
    ON = "on"
    OFF = "off"

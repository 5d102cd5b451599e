"""What was injected when, for people and for programs."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any, TextIO


class Journal:
    """Prints one line an event, and writes it as JSON into a file.

    Args:
        file: gets a JSON object a line.
        output: gets a sentence a line.
    """

    def __init__(self, file: Path, output: TextIO) -> None:
        self._file = file
        self._output = output
        self._begin = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._begin

    def note(self, what: str, **details: Any) -> None:
        """Write an event down."""
        at = round(self.seconds, 1)
        print(f"{at:8.1f} s  {what}", file=self._output, flush=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"at_seconds": at, "what": what, **details}) + "\n")

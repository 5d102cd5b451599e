"""A text file of a policy, with places in it that a diagnostic can point at."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from rules.errors import Diagnostic, PolicyError


@dataclass(frozen=True)
class Place:
    """A stretch of one line: line and column from 1, width in code points."""

    line: int
    column: int
    width: int = 1


@dataclass(frozen=True)
class SourceFile:
    """A file as its author sees it. ``name`` is the path as it was given, for messages."""

    path: Path
    name: str
    raw: bytes = field(repr=False)

    @classmethod
    def read(cls, path: Path) -> SourceFile:
        """Read the file.

        Raises:
            PolicyError: it cannot be read.
        """
        try:
            raw = path.read_bytes()
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise PolicyError([Diagnostic(str(path), 1, 1, f"cannot be read: {why}")]) from error
        return cls(path, str(path), raw)

    @cached_property
    def text(self) -> str:
        """The content, without a byte order mark.

        Raises:
            PolicyError: it is not UTF-8.
        """
        try:
            return self.raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.raw.count(b"\n", 0, error.start) + 1
            raise PolicyError(
                [Diagnostic(self.name, line, 1, "is not UTF-8; save it as UTF-8")]
            ) from error

    @cached_property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.replace("\r\n", "\n").split("\n")

    def diagnostic(self, place: Place, message: str, hint: str = "") -> Diagnostic:
        """A mistake at the place, with the line it stands on."""
        line = self.lines[place.line - 1] if place.line <= len(self.lines) else ""
        return Diagnostic(
            path=self.name,
            line=place.line,
            column=place.column,
            message=message,
            source_line=line,
            width=max(1, min(place.width, len(line) - place.column + 1)),
            hint=hint,
        )

"""What goes wrong with a policy, told as a compiler tells it.

``PolicyError`` is the one exception of this package: it carries a :class:`Diagnostic` for each
mistake found, so that an author can mend them all in one go.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One mistake: where it stands, what is wrong, and what was expected.

    ``line`` and ``column`` count from 1, in code points; ``width`` is how many are underlined.
    """

    path: str
    line: int
    column: int
    message: str
    source_line: str = ""
    width: int = 1
    hint: str = ""

    def __str__(self) -> str:
        """The mistake with its line and a caret under it."""
        number = str(self.line)
        gutter = " " * len(number)
        before = self.source_line[: self.column - 1]
        marked = self.source_line[self.column - 1 : self.column - 1 + self.width]
        lines = [f"{self.path}:{self.line}:{self.column}: error: {self.message}"]
        if self.source_line.strip():
            lines += [
                f" {number} | {self.source_line}",
                f" {gutter} | {_blank(before)}{'^' * max(1, _cells(marked))}",
            ]
        if self.hint:
            lines.append(f" {gutter} = {self.hint}")
        return "\n".join(lines)


class PolicyError(Exception):
    """A policy, its lists or its cases cannot be used; nothing of it was put into force."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(sorted(diagnostics, key=lambda d: (d.path, d.line, d.column)))
        """Every mistake found, in the order of the file."""
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


def _cells(text: str) -> int:
    """Terminal cells that the text takes: two for a wide East Asian character."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _blank(text: str) -> str:
    """White space as wide as the text, tabs kept, so that the caret stands under its column."""
    return "".join("\t" if char == "\t" else " " * _cells(char) for char in text)

"""From a place in a YAML scalar's value back to the place in the file.

A condition may be written plain, quoted, or as a block over several lines; a mistake inside it is
shown where its author wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import yaml

_ESCAPED_LENGTHS: Final = {"x": 4, "u": 6, "U": 10}
"""Characters of a double-quoted escape by its letter; all others take two."""


@dataclass(frozen=True)
class ScalarPlaces:
    """Where each character of a scalar's value stands in the file's text."""

    offsets: tuple[int, ...]
    """One for each character of the value and one for its end."""

    @classmethod
    def of(cls, node: yaml.ScalarNode, text: str) -> ScalarPlaces:
        """Align the value of the node with the text it was read from."""
        begin, end = node.start_mark.index, node.end_mark.index
        raw = text[begin:end]
        cursor = 0
        if node.style in {"|", ">"}:
            cursor = raw.find("\n") + 1
        elif node.style in {"'", '"'}:
            cursor = 1
        offsets = []
        for char in node.value:
            if char.isspace():
                # Folding turns line breaks and indentation into other white space: what counts is
                # that it lies behind the last visible character.
                offsets.append(begin + cursor)
                if cursor < len(raw) and raw[cursor] == char:
                    cursor += 1
                continue
            cursor, width = _next_visible(raw, cursor, char, node.style)
            offsets.append(begin + cursor)
            cursor += width
        offsets.append(begin + min(cursor, len(raw)))
        return cls(tuple(offsets))

    def offset(self, line: int, column: int, value: str) -> int:
        """The offset in the file's text of a line and column (from 1) of the value."""
        starts = [0]
        for index, char in enumerate(value):
            if char == "\n":
                starts.append(index + 1)
        line = min(max(line, 1), len(starts))
        index = starts[line - 1] + max(column, 1) - 1
        return self.offsets[min(index, len(self.offsets) - 1)]


def _next_visible(raw: str, cursor: int, char: str, style: str | None) -> tuple[int, int]:
    """Where the visible character of the value is in the raw text, and how wide it is there."""
    while cursor < len(raw):
        here = raw[cursor]
        if style == '"' and here == "\\":
            following = raw[cursor + 1 : cursor + 2]
            width = _ESCAPED_LENGTHS.get(following, 2)
            # An escaped line break or blank is no visible character.
            if not following.isspace():
                return cursor, width
            cursor += width
        elif here == char:
            doubled = style == "'" and char == "'"
            return cursor, 2 if doubled else 1
        else:
            cursor += 1
    return cursor, 0

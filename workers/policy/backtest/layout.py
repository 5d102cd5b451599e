"""Sections of sentences and tables, laid out for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report: sentences, then a table whose first row is its head."""

    title: str
    said: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def as_text(sections: Iterable[Section]) -> str:
    """The sections for a terminal, columns aligned."""
    return "\n\n".join("\n".join(_text(section)) for section in sections)


def as_markdown(sections: Iterable[Section]) -> str:
    """The sections as one document in GitHub's Markdown."""
    return "\n\n".join("\n\n".join(_markdown(section)) for section in sections) + "\n"


def _text(section: Section) -> Iterator[str]:
    yield section.title.upper()
    yield from section.said
    widths = [max(map(len, column)) for column in zip(*section.rows, strict=True)]
    for row in section.rows:
        cells = (_padded(cell, width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _padded(cell: str, width: int) -> str:
    """Numbers to the right, words to the left."""
    return cell.rjust(width) if cell[:1] in "+-0123456789" and cell else cell.ljust(width)


def _markdown(section: Section) -> Iterator[str]:
    yield f"## {section.title}"
    if section.said:
        yield "\n".join(f"- {_escaped(one)}" for one in section.said)
    if section.rows:
        head, *rows = section.rows
        ruled = [head, ["---"] * len(head), *rows]
        yield "\n".join("| " + " | ".join(map(_escaped, row)) + " |" for row in ruled)


def _escaped(cell: str) -> str:
    """Without what Markdown would take for a column, an emphasis or a tag."""
    return "".join(f"\\{char}" if char in "\\|*_`<>" else char for char in cell)

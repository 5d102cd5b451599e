"""One way to lay a policy file out, so that differences between versions are differences of matter.

Comments and the author's choice of block or flow style stay. Changed are line ends, white space at
the end of lines and of the file, runs of empty lines, and the empty line before each
rule.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from rules.engine.located_yaml import LocatedData, read_yaml
from rules.engine.source import SourceFile
from rules.errors import PolicyError

_RUN_OF_EMPTY_LINES: Final = re.compile(r"\n{3,}")


def formatted(path: Path) -> str:
    """The file as it should be.

    Raises:
        PolicyError: it is no YAML, or laying it out would change what it says.
    """
    source = SourceFile.read(path)
    located = read_yaml(source)
    lines = [line.rstrip() for line in source.text.replace("\r\n", "\n").split("\n")]
    spaced = _with_lines_before(lines, _starts(located, lines))
    text = _RUN_OF_EMPTY_LINES.sub("\n\n", "\n".join(spaced)).strip("\n") + "\n"
    laid_out = SourceFile(source.path, source.name, text.encode())
    if read_yaml(laid_out).data != located.data:
        message = "laying the file out would change a text that runs over several lines"
        raise PolicyError([located.error_at_value((), message, "quote it on one line")])
    return text


def _starts(located: LocatedData, lines: list[str]) -> set[int]:
    """The lines (from 0) before which an empty one belongs: each rule with its comments."""
    rules = located.data.get("rules") if isinstance(located.data, dict) else None
    starts = set()
    for index in range(1, len(rules) if isinstance(rules, list) else 0):
        line = located.at_value(("rules", index)).line - 1
        if not lines[line].lstrip().startswith("-"):
            continue  # a rule in flow style, within a line
        while line > 0 and lines[line - 1].lstrip().startswith("#"):
            line -= 1
        starts.add(line)
    return starts


def _with_lines_before(lines: list[str], starts: set[int]) -> list[str]:
    spaced: list[str] = []
    for number, line in enumerate(lines):
        if number in starts and spaced and spaced[-1]:
            spaced.append("")
        spaced.append(line)
    return spaced

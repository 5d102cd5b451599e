r"""Grammars: sentences with slots, from which posts are drawn.

A grammar file is YAML with ``slots`` (name -> fillers) and ``groups`` (name -> patterns and what
they mean). Fillers and patterns are lists, or blocks of text with one entry a line. In a pattern,
``{name}`` is a filler of that slot, ``{name?}`` half the time nothing, and ``\n`` a line break. A
filler may use slots too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from moderation.evaluation.errors import EvaluationError

OPTIONAL_SHARE: Final = 0.5  # of the draws in which an optional slot is filled

_SLOT: Final = re.compile(r"\{(\w+)(\?)?\}")
_GAPS: Final = re.compile(r" {2,}")


@dataclass(frozen=True, slots=True)
class Group:
    """Patterns that mean the same.

    Attributes:
        values: whatever else the file says of the group, such as its labels.
    """

    patterns: Sequence[str]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grammar:
    """The slots and groups of one or more files."""

    slots: Mapping[str, Sequence[str]]
    groups: Mapping[str, Group]

    def expand(self, pattern: str, draw: random.Random) -> str:
        """Fill the slots of a pattern by drawing."""
        text = _SLOT.sub(lambda slot: self._fill(slot[1], slot[2], draw), pattern)
        return _GAPS.sub(" ", text.replace("\\n", "\n")).strip()

    def _fill(self, name: str, optional: str | None, draw: random.Random) -> str:
        if optional and draw.random() >= OPTIONAL_SHARE:
            return ""
        filler = draw.choice(self.slots[name])
        return _SLOT.sub(lambda slot: self._fill(slot[1], slot[2], draw), filler)


def read_grammar(paths: Sequence[Path]) -> Grammar:
    """Read files into one grammar; slots and groups of all files are visible to all.

    Raises:
        EvaluationError: two files name the same slot or group, or a slot is used but not defined.
    """
    slots: dict[str, Sequence[str]] = {}
    groups: dict[str, Group] = {}
    for path in paths:
        content = yaml.safe_load(path.read_text("utf-8"))
        own_slots = {name: _entries(value) for name, value in content.get("slots", {}).items()}
        own_groups = {
            name: Group(_entries(values.pop("patterns")), values)
            for name, values in content.get("groups", {}).items()
        }
        repeated = (slots.keys() & own_slots.keys()) | (groups.keys() & own_groups.keys())
        if repeated:
            raise EvaluationError(f"{path}: {', '.join(sorted(repeated))}: defined elsewhere too")
        slots |= own_slots
        groups |= own_groups
        _check(path, slots, own_slots, own_groups)
    return Grammar(slots, groups)


def _entries(value: str | Sequence[str]) -> list[str]:
    if isinstance(value, str):
        return [line for line in value.splitlines() if line]
    return list(value)


def _check(
    path: Path,
    slots: Mapping[str, Sequence[str]],
    own_slots: Mapping[str, Sequence[str]],
    own_groups: Mapping[str, Group],
) -> None:
    entries = [entry for fillers in own_slots.values() for entry in fillers]
    entries += [pattern for group in own_groups.values() for pattern in group.patterns]
    for entry in entries:
        missing = {name for name, _ in _SLOT.findall(entry)} - slots.keys()
        if missing:
            raise EvaluationError(f"{path}: {entry!r} uses undefined slots {sorted(missing)}")

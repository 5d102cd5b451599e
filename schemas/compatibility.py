"""Would a change of a message schema break somebody who holds the released one?

Two parties hold it. A *writer* still sends what the released schema allows: the new schema must
accept all of that. A *reader* still expects what the released schema promises: everything that the
new schema allows must be acceptable to it. Fields that a reader does not know are ignored, so an
optional addition is safe for both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

Schema = dict[str, Any]

UPPER_BOUNDS: Final = ("maxLength", "maximum", "maxItems", "exclusiveMaximum")
LOWER_BOUNDS: Final = ("minLength", "minimum", "minItems", "exclusiveMinimum")
SAME_MEANING: Final = ("pattern", "format", "contentEncoding", "const")
"""Keywords of which one cannot say which value is the wider: any change breaks both parties."""


class Party(StrEnum):
    """Who would break."""

    WRITER = "writer"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Break:
    """One thing that would break a party, and where in the message it stands."""

    party: Party
    path: str
    why: str

    def __str__(self) -> str:
        """As a line for a person."""
        return f"{self.path}: breaks a {self.party} of the released schema: {self.why}"


def breaks(released: Schema, current: Schema) -> list[Break]:
    """What changing ``released`` into ``current`` would break; empty when the change is safe.

    Both are JSON Schemas as pydantic writes them (draft 2020-12, local ``$defs``).
    """
    return list(_Comparison(released, current).compare(released, current, "$", frozenset()))


class _Comparison:
    """Walks two schemas side by side; knows the definitions of each."""

    def __init__(self, released: Schema, current: Schema) -> None:
        self._released_defs: Schema = released.get("$defs", {})
        self._current_defs: Schema = current.get("$defs", {})

    def compare(
        self, old: Schema, new: Schema, path: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[Break]:
        references = (old.get("$ref", ""), new.get("$ref", ""))
        if all(references):
            if references in seen:
                return
            seen |= {references}
        old = _resolve(old, self._released_defs)
        new = _resolve(new, self._current_defs)
        yield from _compare_types(old, new, path)
        yield from _compare_enums(old, new, path)
        yield from _compare_bounds(old, new, path)
        yield from self._compare_properties(old, new, path, seen)
        yield from self._compare_members(old, new, path, seen)

    def _compare_properties(
        self, old: Schema, new: Schema, path: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[Break]:
        old_fields, new_fields = old.get("properties", {}), new.get("properties", {})
        old_required, new_required = set(old.get("required", ())), set(new.get("required", ()))
        for name in sorted(old_fields.keys() - new_fields.keys()):
            yield Break(Party.READER, f"{path}.{name}", "the field is gone")
        for name in sorted(new_required - old_required):
            yield Break(Party.WRITER, f"{path}.{name}", "the field is now required")
        for name in sorted((old_required - new_required) & new_fields.keys()):
            yield Break(Party.READER, f"{path}.{name}", "the field is no longer always there")
        for name in sorted(old_fields.keys() & new_fields.keys()):
            yield from self.compare(old_fields[name], new_fields[name], f"{path}.{name}", seen)

    def _compare_members(
        self, old: Schema, new: Schema, path: str, seen: frozenset[tuple[str, str]]
    ) -> Iterator[Break]:
        for keyword, place in (("items", "[]"), ("additionalProperties", "{}")):
            if isinstance(old.get(keyword), dict) and isinstance(new.get(keyword), dict):
                yield from self.compare(old[keyword], new[keyword], path + place, seen)
        old_options, new_options = old.get("anyOf", []), new.get("anyOf", [])
        for option in old_options:
            partner = self._partner(option, self._released_defs, new_options, self._current_defs)
            if partner is None:
                yield Break(Party.WRITER, path, f"no longer accepts {_kind(option)}")
            else:
                yield from self.compare(option, partner, path, seen)
        for option in new_options:
            if self._partner(option, self._current_defs, old_options, self._released_defs) is None:
                yield Break(Party.READER, path, f"can now be {_kind(option)}")

    @staticmethod
    def _partner(
        option: Schema, defs: Schema, others: list[Schema], other_defs: Schema
    ) -> Schema | None:
        wanted = _resolve(option, defs).get("type")
        return next((o for o in others if _resolve(o, other_defs).get("type") == wanted), None)


def _resolve(schema: Schema, definitions: Schema) -> Schema:
    reference = schema.get("$ref")
    return definitions[reference.rsplit("/", 1)[-1]] if reference else schema


def _kind(option: Schema) -> str:
    return str(option.get("type") or option.get("$ref", "something else").rsplit("/", 1)[-1])


def _compare_types(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    if old.get("type") != new.get("type"):
        why = f"the type was {old.get('type')}, is {new.get('type')}"
        yield Break(Party.WRITER, path, why)
        yield Break(Party.READER, path, why)


def _compare_enums(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    if "enum" not in old and "enum" not in new:
        return
    if "enum" not in old:
        yield Break(Party.WRITER, path, f"only {', '.join(map(str, new['enum']))} are accepted now")
        return
    if "enum" not in new:
        yield Break(Party.READER, path, "any value can come now")
        return
    for value in (v for v in old["enum"] if v not in new["enum"]):
        yield Break(Party.WRITER, path, f"the value {value!r} is no longer accepted")
    for value in (v for v in new["enum"] if v not in old["enum"]):
        yield Break(Party.READER, path, f"the value {value!r} can come now")


def _compare_bounds(old: Schema, new: Schema, path: str) -> Iterator[Break]:
    for keyword in SAME_MEANING:
        if old.get(keyword) != new.get(keyword):
            why = f"{keyword} was {old.get(keyword)!r}, is {new.get(keyword)!r}"
            yield Break(Party.WRITER, path, why)
            yield Break(Party.READER, path, why)
    for keywords, unbounded, sign in (
        (UPPER_BOUNDS, float("inf"), 1),
        (LOWER_BOUNDS, float("-inf"), -1),
    ):
        for keyword in keywords:
            before, after = old.get(keyword, unbounded), new.get(keyword, unbounded)
            if before == after:
                continue
            narrower = sign * after < sign * before
            party = Party.WRITER if narrower else Party.READER
            yield Break(party, path, f"{keyword} was {old.get(keyword)}, is {new.get(keyword)}")

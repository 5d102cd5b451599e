"""CEL's own reports, retold as diagnostics in the policy file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import yaml

from rules.engine.nearest import did_you_mean
from rules.engine.scalar_places import ScalarPlaces
from rules.engine.source import Place, SourceFile
from rules.errors import Diagnostic

FUNCTIONS: Final = (
    "all", "contains", "double", "duration", "endsWith", "exists", "exists_one", "filter",
    "getDate", "getDayOfWeek", "getFullYear", "getHours", "getMinutes", "getMonth", "getSeconds",
    "has", "int", "map", "matches", "size", "startsWith", "string", "timestamp", "type", "uint",
)  # fmt: skip
"""What CEL's standard library offers (cel-spec, language definition), for hints."""

_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*?)(?: \[[A-Z_]+\])?$", re.MULTILINE)
_UNDECLARED: Final = re.compile(r"undeclared reference to '(?P<name>[^']+)'")
_OVERLOAD: Final = re.compile(
    r"found no matching overload for '(?P<function>[^']+)' applied to '(?P<types>.*)'"
)
_OPERATOR: Final = re.compile(r"_?(?P<sign>[^A-Za-z_\[\]?:]+)_")
_WORDS_OF_OTHERS: Final = {"and": "&&", "or": "||", "not": "!", "is": "==", "=": "=="}
"""What authors bring along from other languages."""
_MAX_DIAGNOSTICS: Final = 5
"""Of one condition: what comes after is mostly an echo of the first."""


def explain(
    report: str,
    condition: str,
    node: yaml.ScalarNode,
    source: SourceFile,
    facts: Iterable[str],
) -> list[Diagnostic]:
    """Each mistake that CEL reports on a condition, at its place in the file."""
    places = ScalarPlaces.of(node, source.text)
    known = sorted(facts)
    diagnostics: list[Diagnostic] = []
    for line, column, text in _ERROR.findall(report):
        if diagnostics and "*error*" in text:
            continue
        message, hint, name = _retell(text, condition, known)
        start = places.offset(int(line), int(column), condition)
        place = _place_at(source.text, start)
        if name:
            place = _name_place(source.text, start, name) or place
        diagnostics.append(source.diagnostic(place, message, hint))
        # After a mistake of syntax the parser only guesses.
        if text.startswith("Syntax error") or len(diagnostics) == _MAX_DIAGNOSTICS:
            break
    return diagnostics or [source.diagnostic(_place_at(source.text, places.offsets[0]), report)]


def _retell(text: str, condition: str, facts: list[str]) -> tuple[str, str, str]:
    """Message, hint, and the name to underline (empty when there is none)."""
    if match := _UNDECLARED.search(text):
        name = match["name"]
        if re.search(rf"\b{re.escape(name)}\s*\(", condition):
            hint = did_you_mean(name, FUNCTIONS, otherwise="functions")
            return f"unknown function {name!r}", hint, name
        return f"unknown fact {name!r}", _fact_hint(name, facts), name
    if match := _OVERLOAD.search(text):
        return *_mismatch(match["function"], match["types"]), ""
    if text.startswith("Syntax error"):
        return *_syntax(text.removeprefix("Syntax error: ")), ""
    return text, "", ""


def _fact_hint(name: str, facts: list[str]) -> str:
    group = name.partition(".")[0] + "."
    siblings = [fact for fact in facts if fact.startswith(group)]
    if siblings:
        return did_you_mean(name, siblings)
    groups = {fact.partition(".")[0] + ".…" if "." in fact else fact for fact in facts}
    return did_you_mean(name, facts, otherwise="") or f"facts: {', '.join(sorted(groups))}"


def _mismatch(function: str, types: str) -> tuple[str, str]:
    operator = _OPERATOR.fullmatch(function)
    shown = operator["sign"] if operator else function
    hint = ""
    if operator and set(types.strip("()").split(", ")) == {"int", "double"}:
        hint = "int and double do not mix: write 1.0 for 1, or convert by double(...)"
    elif shown in {"&&", "||", "!"}:
        hint = "expected bool on every side"
    elif function == "_?_:_":
        shown, hint = "? :", "expected a bool, then two values of one type"
    return f"{shown!r} does not take {types}", hint


def _syntax(text: str) -> tuple[str, str]:
    if "'<EOF>'" in text.partition("expecting")[0]:
        return "syntax error: the condition ends too early", ""
    found = re.search(r"(?:input|at:) '(.+?)'(?: expecting|$)", text)
    if found is None:
        return f"syntax error: {text}", ""
    written = _WORDS_OF_OTHERS.get(found[1])
    hint = f"CEL writes {written} for it" if written else ""
    return f"syntax error: unexpected {found[1]!r}", hint


def _place_at(text: str, offset: int, width: int = 1) -> Place:
    line_start = text.rfind("\n", 0, offset) + 1
    return Place(text.count("\n", 0, offset) + 1, offset - line_start + 1, width)


def _name_place(text: str, offset: int, name: str) -> Place | None:
    """The whole name; CEL points at its last dot, or at the bracket behind it."""
    last = name.rpartition(".")[2]
    earliest = max(0, offset - len(name) - 1)
    for start in range(offset, earliest - 1, -1):
        if text.startswith(name, start):
            return _place_at(text, start, len(name))
    at = text.find(last, offset, offset + len(last) + 2)
    return _place_at(text, at, len(last)) if at >= 0 else None

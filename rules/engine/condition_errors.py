"""CEL's own reports, retold as diagnostics in the policy file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from rules.engine.nearest import did_you_mean
from rules.engine.scalar_places import ScalarPlaces
from rules.engine.source import Place, SourceFile
from rules.errors import Diagnostic

_ERROR: Final = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*?)(?: \[[A-Z_]+\])?$", re.MULTILINE)
_UNDECLARED: Final = re.compile(r"undeclared reference to '(?P<name>[^']+)'")
_OVERLOAD: Final = re.compile(
    r"found no matching overload for '(?P<function>[^']+)' applied to '(?P<types>.*)'"
)
_ALWAYS_FAILS: Final = re.compile(r"(?P<name>\w+)\(.*\) always fails: ", re.DOTALL)
_OPERATOR: Final = re.compile(r"_?(?P<sign>[^A-Za-z_\[\]?:]+)_")
_WORDS_OF_OTHERS: Final = {"and": "&&", "or": "||", "not": "!", "is": "==", "=": "=="}
"""What authors bring along from other languages."""
_SAME: Final = "expected two values of one type"
_ORDERED: Final = "expected two numbers, two texts or two times, both of one type"
_NUMBERS: Final = "expected two numbers of one type"
_BOOLS: Final = "expected bool on every side"
_EXPECTED: Final = {
    **dict.fromkeys(("==", "!="), _SAME),
    **dict.fromkeys(("<", "<=", ">", ">="), _ORDERED),
    **dict.fromkeys(("*", "/", "%"), _NUMBERS),
    **dict.fromkeys(("&&", "||", "!"), _BOOLS),
    "-": f"{_NUMBERS}, two times, or a time and a duration",
    "+": f"{_NUMBERS}, two texts, two lists, or a time and a duration",
}
"""What operators take."""
_MAX_DIAGNOSTICS: Final = 5
"""Of one condition: what comes after is mostly an echo of the first."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that conditions can use, for hints."""

    facts: tuple[str, ...]
    functions: tuple[str, ...]
    takes: Mapping[str, str]
    """What the policy's own functions expect, by name."""


def explain(
    report: str,
    condition: str,
    node: yaml.ScalarNode,
    source: SourceFile,
    known: Vocabulary,
) -> list[Diagnostic]:
    """Each mistake that CEL reports on a condition, at its place in the file."""
    places = ScalarPlaces.of(node, source.text)
    diagnostics: list[Diagnostic] = []
    told = ""
    for line, column, text in _ERROR.findall(report):
        # CEL complains about both halves of an unknown name.space(), and about what follows.
        echo = _UNDECLARED.search(text)
        if diagnostics and ("*error*" in text or (echo and told.endswith(f".{echo['name']}"))):
            continue
        message, hint, name = _retell(text, condition, known)
        told = name
        start = places.offset(int(line), int(column), condition)
        place = _place_at(source.text, start)
        if name:
            place = _name_place(source.text, start, name) or place
        diagnostics.append(source.diagnostic(place, message, hint))
        # After a mistake of syntax the parser only guesses.
        if text.startswith("Syntax error") or len(diagnostics) == _MAX_DIAGNOSTICS:
            break
    return diagnostics or [source.diagnostic(_place_at(source.text, places.offsets[0]), report)]


def _retell(text: str, condition: str, known: Vocabulary) -> tuple[str, str, str]:
    """Message, hint, and the name to underline (empty when there is none)."""
    if match := _UNDECLARED.search(text):
        name = match["name"]
        if function := _called(name, condition, known.functions):
            hint = did_you_mean(function, _functions_like(function, known), otherwise="functions")
            return f"unknown function {function!r}", hint, function
        return f"unknown fact {name!r}", _fact_hint(name, known.facts), name
    if match := _OVERLOAD.search(text):
        return *_mismatch(match["function"], match["types"], known.takes), ""
    if match := _ALWAYS_FAILS.match(text):
        return text, "", match["name"]
    if text.startswith("Syntax error"):
        return *_syntax(text.removeprefix("Syntax error: ")), ""
    return text, "", ""


def _called(name: str, condition: str, functions: tuple[str, ...]) -> str:
    """The function that the author meant to call by the name; empty when it is no call."""
    call = re.search(rf"\b{re.escape(name)}(?:\.(?P<member>\w+))?\s*\(", condition)
    if call is None or call["member"] in functions:
        return ""
    return f"{name}.{call['member']}" if call["member"] else name


def _functions_like(function: str, known: Vocabulary) -> tuple[str, ...]:
    """Those of the same name space, or all."""
    space = function.rpartition(".")[0]
    siblings = tuple(one for one in known.functions if space and one.startswith(f"{space}."))
    return siblings or known.functions


def _fact_hint(name: str, facts: tuple[str, ...]) -> str:
    group = name.partition(".")[0] + "."
    siblings = [fact for fact in facts if fact.startswith(group)]
    if siblings:
        return did_you_mean(name, siblings)
    groups = {fact.partition(".")[0] + ".…" if "." in fact else fact for fact in facts}
    return did_you_mean(name, facts, otherwise="") or f"facts: {', '.join(sorted(groups))}"


def _mismatch(function: str, types: str, takes: Mapping[str, str]) -> tuple[str, str]:
    operator = _OPERATOR.fullmatch(function)
    shown = operator["sign"] if operator else function
    if operator and set(types.strip("()").split(", ")) == {"int", "double"}:
        hint = "int and double do not mix: write 1.0 for 1, or convert by double(...)"
    elif function == "_?_:_":
        shown, hint = "? :", "expected a bool, then two values of one type"
    elif function in takes:
        hint = f"expected {takes[function]}"
    else:
        hint = _EXPECTED.get(shown, "")
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

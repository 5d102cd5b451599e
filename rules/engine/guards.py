"""What has to hold for a condition to hold: where it does not, CEL need not be asked.

Most conditions are conjunctions with a part that compares one fact with a number or a word, such as
``text.links >= 3``, and most posts fail it. Such a comparison takes Python a fraction of what CEL
takes for the whole condition. It is told by the condition's source, and only where it is plain. In
CEL a conjunction with a false part is false, whatever its other parts are, an error included. A
fact that is unknown rules nothing out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cel_expr_python import cel

from rules.engine.fact import Fact, FactView

Test = Callable[[FactView], bool]
"""Whether a comparison holds for a post, or may hold."""

_Read = Callable[[FactView], Any]

# Each written out: some tens are asked about every post, and a call less is a third of their time.
_TESTS: Final[Mapping[str, Callable[[_Read, Any], Test]]] = {
    "==": lambda read, bound: lambda view: (value := read(view)) is None or value == bound,
    "!=": lambda read, bound: lambda view: (value := read(view)) is None or value != bound,
    ">=": lambda read, bound: lambda view: (value := read(view)) is None or value >= bound,
    "<=": lambda read, bound: lambda view: (value := read(view)) is None or value <= bound,
    ">": lambda read, bound: lambda view: (value := read(view)) is None or value > bound,
    "<": lambda read, bound: lambda view: (value := read(view)) is None or value < bound,
}
"""Whether a fact compares so with the bound, or is unknown."""

_FACT: Final = r"[A-Za-z_][A-Za-z0-9_.]*"
_STRING: Final = re.compile(r'"[^"\n]*"')
_SIZE: Final = re.compile(rf"\bsize\(\s*({_FACT})\s*\)")
_INNERMOST: Final = re.compile(r"\([^()]*\)")
_COMPARISON: Final = re.compile(
    rf"(?P<size>#?)(?P<fact>{_FACT})\s*(?P<sign>[=!<>]=|[<>])\s*"
    r"(?:(?P<number>-?[0-9]+(?:\.[0-9]+)?)|\$(?P<word>[0-9]+))"
)
_TRUTH: Final = re.compile(rf"(?P<denied>!?)\s*(?P<fact>{_FACT})")

_ESCAPED: Final = re.compile(r"""['\\$#@]|\"{3}""")
"""With the first of these, where a string ends is more than can be seen at a glance; the others
stand below for what was folded."""
_NO_CONJUNCTION: Final = re.compile(r'\|\||[?"\[\]{}()]')
"""What may bind looser than ``&&``, or hide it."""

_OF_LISTS: Final = "text.matches."


@dataclass(frozen=True, slots=True)
class Comparison:
    """A fact, or its size, against a constant."""

    fact: str
    sign: str
    bound: float | str | bool
    of_size: bool = False

    @property
    def needs_a_match(self) -> bool:
        """Whether it is false where no list finds anything in the text."""
        return self.fact.startswith(_OF_LISTS) and (self.sign, self.bound) in {(">", 0), (">=", 1)}

    def test(self, fact: Fact) -> Test:
        """The comparison over what the fact reads; true for what is unknown."""
        read = _size_of(fact.read) if self.of_size else fact.read
        return _TESTS[self.sign](read, self.bound)


def _size_of(read: _Read) -> _Read:
    def size(view: FactView) -> int | None:
        value = read(view)
        return None if value is None else len(value)

    return size


def comparisons_of(source: str, facts: Mapping[str, Fact]) -> tuple[Comparison, ...]:
    """Comparisons all of which hold where the condition holds, the cheapest first."""
    if _ESCAPED.search(source):
        return ()
    words: list[str] = []

    def keep(word: re.Match[str]) -> str:
        words.append(word[0][1:-1])
        return f"${len(words) - 1}"

    plain = _SIZE.sub(r"#\1", _STRING.sub(keep, source))
    if "//" in plain:
        return ()  # a comment may open brackets and close none
    while (folded := _INNERMOST.sub("@", plain)) != plain:
        plain = folded
    if _NO_CONJUNCTION.search(plain):
        return ()
    found = (_comparison(part.strip(), words, facts) for part in plain.split("&&"))
    return tuple(sorted(filter(None, found), key=_cost))


def _comparison(part: str, words: Sequence[str], facts: Mapping[str, Fact]) -> Comparison | None:
    if (told := _COMPARISON.fullmatch(part)) and told["fact"] in facts:
        bound = words[int(told["word"])] if told["word"] else _number(told["number"])
        return Comparison(told["fact"], told["sign"], bound, bool(told["size"]))
    told = _TRUTH.fullmatch(part)
    if told and told["fact"] in facts and facts[told["fact"]].kind == cel.Type.BOOL:
        return Comparison(told["fact"], "==", not told["denied"])
    return None


def _cost(one: Comparison) -> int:
    """Lists are searched anyway; scores are at hand and low on most posts; words are counted."""
    if one.needs_a_match:
        return 0
    if one.fact.startswith("scores."):
        return 1
    return 3 if one.fact.startswith("text.") else 2


def _number(written: str) -> float:
    return float(written) if "." in written else int(written)


class Guards:
    """Sorts out the conditions that cannot hold for a post. Safe to share between threads.

    Args:
        sources: of the conditions.
        facts: that they may name.
    """

    def __init__(self, sources: Sequence[str], facts: Mapping[str, Fact]) -> None:
        self._free: list[int] = []
        with_match: dict[Comparison, list[tuple[int, tuple[Test, ...]]]] = {}
        without: dict[Comparison, list[tuple[int, tuple[Test, ...]]]] = {}
        for place, source in enumerate(sources):
            told = comparisons_of(source, facts)
            if not told:
                self._free.append(place)
                continue
            first, *others = told
            groups = with_match if first.needs_a_match else without
            rest = tuple(one.test(facts[one.fact]) for one in others)
            groups.setdefault(first, []).append((place, rest))
        self._without_match = _tested(without, facts)
        self._with_match = _tested(with_match, facts)

    def possible(self, view: FactView) -> Collection[int]:
        """Places of the conditions that may hold, or fail with an error."""
        places = self._free.copy()
        groups = self._without_match
        # A policy that asks for no list has no text searched.
        if self._with_match and any(view.matches.values()):
            groups += self._with_match
        for first, members in groups:
            if first(view):
                places += [place for place, rest in members if all(test(view) for test in rest)]
        return places


_Group = tuple[Test, Sequence[tuple[int, tuple[Test, ...]]]]
"""Conditions with the same first comparison, each with its others."""


def _tested(
    groups: Mapping[Comparison, Sequence[tuple[int, tuple[Test, ...]]]], facts: Mapping[str, Fact]
) -> tuple[_Group, ...]:
    return tuple((first.test(facts[first.fact]), members) for first, members in groups.items())

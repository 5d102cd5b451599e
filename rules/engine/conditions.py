"""Conditions in CEL: compiled and type-checked at load, evaluated together.

Most of an evaluation is the crossing from Python to C++, so conditions are also compiled in bundles
of one list expression each: 100 conditions cost about 30 µs instead of 140 (``bench/rules.py``).
One failing condition fails its bundle; then, and only then, each of the bundle is evaluated on its
own, so that exactly the failing one follows its fail setting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

from cel_expr_python import cel
from cel_expr_python.ext import ext_bindings, ext_math, ext_strings

from rules.engine.fact import Fact, FactView
from rules.engine.functions import Signature, as_declarations
from rules.engine.guards import Guards
from rules.engine.written_out import written_calls

BUNDLE_SIZE: Final = 64
"""Conditions. Larger bundles are hardly faster, and cost more when one of them fails."""

BUNDLED_GAIN: Final = 4
"""How many times faster a condition is evaluated in a bundle than alone, at least."""

MAX_ERROR_LENGTH: Final = 200
"""Characters of CEL's message that are kept; it may quote a value of the post."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition. ``facts`` are those it may need; a few too many do no harm."""

    source: str
    program: Any
    facts: frozenset[str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a condition came to. ``error`` says why it could not be evaluated."""

    holds: bool
    error: str | None = None


class CompileError(Exception):
    """CEL refused a condition; ``report`` is its own text. The loader makes diagnostics of it."""

    def __init__(self, report: str) -> None:
        self.report = report
        super().__init__(report)


class Compiler:
    """Compiles conditions against declared facts and functions."""

    def __init__(self, facts: Mapping[str, Fact], functions: Sequence[Signature]) -> None:
        self._facts = facts
        self._env = cel.NewEnv(
            variables={name: fact.kind for name, fact in facts.items()},
            functions=as_declarations(functions),
            extensions=[ext_strings.ExtStrings(), ext_math.ExtMath(), ext_bindings.ExtBindings()],
        )

    def compile(self, source: str) -> Condition:
        """Check a condition.

        Raises:
            CompileError: it is no CEL, names what is not declared, or mixes types.
        """
        try:
            program = self._env.compile(source)
        except RuntimeError as error:
            raise CompileError(str(error)) from error
        kind = program.return_type()
        if kind != cel.Type.BOOL:
            raise CompileError(
                f"ERROR: <input>:1:1: the condition is {kind.name().lower()}, expected bool"
            )
        self._try_written_calls(source)
        return Condition(source, program, self._named_in(source))

    def _try_written_calls(self, source: str) -> None:
        for call in written_calls(source):
            try:
                program = self._env.compile(call.expression)
            except RuntimeError:
                continue  # not what it looks like: the condition as a whole is sound
            _, error = _run(program, self._env.Activation({}))
            if error is not None:
                before = source[: call.start]
                line, column = before.count("\n") + 1, call.start - before.rfind("\n")
                raise CompileError(
                    f"ERROR: <input>:{line}:{column}: {call.text} always fails: {error}"
                )

    def bundle(self, conditions: Sequence[Condition]) -> ConditionSet:
        """The conditions, ready to be evaluated together."""
        placed = list(enumerate(conditions))
        bundles = tuple(
            self._bundle(placed[start : start + BUNDLE_SIZE])
            for start in range(0, len(placed), BUNDLE_SIZE)
        )
        needed = frozenset[str]().union(*(condition.facts for condition in conditions))
        return ConditionSet(
            self._env,
            conditions,
            bundles,
            guards=Guards([condition.source for condition in conditions], self._facts),
            readers={name: self._facts[name].read for name in sorted(needed)},
        )

    def _bundle(self, placed: Sequence[tuple[int, Condition]]) -> _Bundle:
        places, members = zip(*placed, strict=True)
        # The line break ends a comment that a condition may end with.
        joined = ",".join(f"({member.source}\n)" for member in members)
        try:
            program = self._env.compile(f"[{joined}]")
        except RuntimeError:
            # At the parser's limit of nesting a condition may fit only alone.
            program = None
        return _Bundle(places, members, program)

    def _named_in(self, source: str) -> frozenset[str]:
        words = set(_IDENTIFIER.findall(source))
        return frozenset(name for name in self._facts if words.issuperset(name.split(".")))


@dataclass(frozen=True, slots=True)
class _Bundle:
    places: tuple[int, ...]
    members: tuple[Condition, ...]
    program: Any


class ConditionSet:
    """Conditions that are evaluated together. Safe to share between threads.

    Those that cannot hold for a post are passed over: nearly all on nearly all posts. The few that
    are left are evaluated one by one, with what they need to know alone.
    """

    def __init__(
        self,
        env: Any,
        conditions: Sequence[Condition],
        bundles: Sequence[_Bundle],
        *,
        guards: Guards,
        readers: Mapping[str, Callable[[FactView], object | None]],
    ) -> None:
        self._env = env
        self._conditions = tuple(conditions)
        self._bundles = bundles
        self._guards = guards
        self._readers = readers

    @property
    def facts(self) -> frozenset[str]:
        """Those that any of them may need; a few too many do no harm."""
        return frozenset(self._readers)

    def evaluate(self, view: FactView) -> list[tuple[int, Outcome]]:
        """By their place, the conditions that hold or fail with an error; no other holds."""
        possible = self._guards.possible(view)
        if not possible:
            return []
        if len(possible) * BUNDLED_GAIN > len(self._conditions):
            return self._evaluate_all(view)
        members = [(place, self._conditions[place]) for place in sorted(possible)]
        activation = self._told(view, set[str]().union(*(one.facts for _, one in members)))
        return _evaluate_each(members, activation)

    def warm(self, view: FactView) -> None:
        """Evaluate every condition once."""
        activation = self._told(view, self._readers)
        _evaluate_each(list(enumerate(self._conditions)), activation)
        self._evaluate_all(view)

    def _evaluate_all(self, view: FactView) -> list[tuple[int, Outcome]]:
        activation = self._told(view, self._readers)
        return [spoken for bundle in self._bundles for spoken in _evaluate(bundle, activation)]

    def _told(self, view: FactView, facts: Iterable[str]) -> Any:
        """The facts, as far as they are known, as CEL takes them."""
        known = {name: value for name in facts if (value := self._readers[name](view)) is not None}
        return self._env.Activation(known)


_HOLDS: Final = Outcome(holds=True)


def _evaluate(bundle: _Bundle, activation: Any) -> list[tuple[int, Outcome]]:
    if bundle.program is not None:
        value, error = _run(bundle.program, activation)
        if error is None:
            # Few of many hold, so most are passed over without a step of Python's.
            return [(place, _HOLDS) for place in compress(bundle.places, value)]
    return _evaluate_each(zip(bundle.places, bundle.members, strict=True), activation)


def _evaluate_each(
    members: Iterable[tuple[int, Condition]], activation: Any
) -> list[tuple[int, Outcome]]:
    spoken = []
    for place, member in members:
        value, error = _run(member.program, activation)
        if error is not None:
            spoken.append((place, Outcome(holds=False, error=error)))
        elif value:
            spoken.append((place, _HOLDS))
    return spoken


def _run(program: Any, activation: Any) -> tuple[Any, str | None]:
    """The value, or why there is none. CEL returns most errors and raises a few."""
    try:
        result = program.eval(activation)
    except RuntimeError as error:
        return None, _plain_error(str(error))
    if result.type() == cel.Type.ERROR:
        return None, _plain_error(str(result.value()))
    return result.plain_value(), None


def _plain_error(text: str) -> str:
    """CEL's message without its status code, which says nothing to an author."""
    plain = re.sub(r"^[A-Z_]+: ", "", text)
    missing = re.fullmatch(r'No value with name "(.+)" found in Activation', plain)
    if missing:
        plain = f"{missing[1]} is not known for this post"
    return plain[:MAX_ERROR_LENGTH]

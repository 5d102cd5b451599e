"""YAML to plain data, remembering where each value stands.

The YAML of policies is a subset with fewer surprises: the core schema of YAML 1.2 (so ``off`` and
``no`` are words, not booleans), no tags, no anchors or aliases, no key twice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final, cast

import yaml
from yaml._yaml import CParser
from yaml.composer import Composer
from yaml.resolver import Resolver

from rules.engine.source import Place, SourceFile
from rules.errors import Diagnostic, PolicyError

Path = tuple[str | int, ...]
"""The way to a value: keys of mappings and indices of lists."""

MAX_DEPTH: Final = 20
"""Levels of nesting. A policy needs six; a bound keeps a hostile file from exhausting the stack."""

MAX_DIGITS: Final = 20
"""Characters of an integer: enough for 64 bits, the largest that a policy can mean."""

_INT_TAG: Final = "tag:yaml.org,2002:int"

_CORE: Final = {
    "tag:yaml.org,2002:null": (re.compile(r"^(?:~|null|)$"), ["~", "n", ""]),
    "tag:yaml.org,2002:bool": (re.compile(r"^(?:true|false)$"), ["t", "f"]),
    _INT_TAG: (re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789")),
    "tag:yaml.org,2002:float": (
        re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
        list("-+.0123456789"),
    ),
}
_KNOWN_TAGS: Final = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "map", "seq")} | set(_CORE)


class _CoreLoader(Composer, CParser, Resolver):
    """Composes nodes by the core schema of YAML 1.2.

    libyaml parses ten times as fast as PyYAML's own parser: a reload is as much shorter.
    """

    # First character of a plain scalar -> what it may be; an integer is tried before a float.
    yaml_implicit_resolvers = {  # noqa: RUF012 - the base class declares it so, and nothing changes it
        first: [(tag, pattern) for tag, (pattern, firsts) in _CORE.items() if first in firsts]
        for _, all_firsts in _CORE.values()
        for first in all_firsts
    }

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The next node; what the subset lacks is refused before it costs stack or memory."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent):
            told = "aliases are not supported here"
            raise _RefusedError(event.start_mark, told, "write the value out again")
        if event is not None and self._depth > MAX_DEPTH:
            raise _RefusedError(event.start_mark, f"is nested deeper than {MAX_DEPTH} levels")
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _RefusedError(Exception):
    """YAML that the subset does not have."""

    def __init__(self, mark: Any, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.mark = mark
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class LocatedData:
    """Plain data from a YAML file and the place of everything in it."""

    source: SourceFile
    data: Any
    keys: dict[Path, Place] = field(repr=False)
    """Where the key of a mapping's entry stands."""
    values: dict[Path, yaml.Node] = field(repr=False)

    def at_value(self, path: Path) -> Place:
        """Where the value at the path begins; of the nearest enclosing one if there is none."""
        for end in range(len(path), -1, -1):
            node = self.values.get(path[:end])
            if node is not None:
                return _place(node)
        return Place(1, 1)

    def at_key(self, path: Path) -> Place:
        """Where the key at the path stands, or the value if it has no key."""
        return self.keys.get(path) or self.at_value(path)

    def error_at_value(self, path: Path, message: str, hint: str = "") -> Diagnostic:
        """A mistake in the value at the path."""
        return self.source.diagnostic(self.at_value(path), message, hint)

    def error_at_key(self, path: Path, message: str, hint: str = "") -> Diagnostic:
        """A mistake in the key at the path."""
        return self.source.diagnostic(self.at_key(path), message, hint)


def read_yaml(source: SourceFile) -> LocatedData:
    """Read a YAML file with the place of everything in it.

    Raises:
        PolicyError: it is no YAML, or beyond the subset; with file, line and column.
    """
    try:
        root = _CoreLoader(source.text).get_single_node()
    except _RefusedError as error:
        place = _mark_place(error.mark)
        raise PolicyError([source.diagnostic(place, error.message, error.hint)]) from error
    except yaml.MarkedYAMLError as error:
        raise PolicyError([_syntax_error(source, error)]) from error
    except yaml.YAMLError as error:
        message = f"is not YAML: {getattr(error, 'reason', None) or type(error).__name__}"
        raise PolicyError([_reader_error(source, error, message)]) from error
    if root is None:
        raise PolicyError([source.diagnostic(Place(1, 1), "the file is empty")])
    located = LocatedData(source, None, {}, {})
    builder = _Builder(located)
    data = builder.build(root, ())
    if builder.errors:
        raise PolicyError(builder.errors)
    return LocatedData(source, data, located.keys, located.values)


class _Builder:
    """Walks the nodes once: data, places and mistakes of structure."""

    def __init__(self, located: LocatedData) -> None:
        self._located = located
        self.errors: list[Diagnostic] = []

    def build(self, node: yaml.Node, path: Path) -> Any:
        self._located.values[path] = node
        if node.tag not in _KNOWN_TAGS:
            self._complain(node, f"tags are not supported: {node.tag!r}", "remove the tag")
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        if node.tag == _INT_TAG and len(node.value) > MAX_DIGITS:
            self._complain(node, f"a number has {MAX_DIGITS} digits at most")
            return None
        return _scalar(cast("yaml.ScalarNode", node))

    def _mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._complain(key_node, "a key must be a word")
                continue
            key = str(key_node.value)
            if key in data:
                first = self._located.keys[(*path, key)].line
                self._complain(key_node, f"the key {key!r} stands twice", f"first on line {first}")
                continue
            self._located.keys[(*path, key)] = _place(key_node)
            data[key] = self.build(value_node, (*path, key))
        return data

    def _complain(self, node: yaml.Node, message: str, hint: str = "") -> None:
        self.errors.append(self._located.source.diagnostic(_place(node), message, hint))


def _scalar(node: yaml.ScalarNode) -> Any:
    match node.tag.rpartition(":")[2]:
        case "null":
            return None
        case "bool":
            return node.value == "true"
        case "int":
            return int(node.value)
        case "float":
            return float(node.value)
        case _:
            return node.value


def _mark_place(mark: Any, width: int = 1) -> Place:
    return Place(mark.line + 1, mark.column + 1, width)


def _place(node: yaml.Node) -> Place:
    start, end = node.start_mark, node.end_mark
    one_line = isinstance(node, yaml.ScalarNode) and start.line == end.line
    return _mark_place(start, max(1, end.column - start.column) if one_line else 1)


def _syntax_error(source: SourceFile, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    place = _mark_place(mark) if mark else Place(1, 1)
    if mark and source.text[mark.index : mark.index + 1] == "\t":
        return source.diagnostic(place, "is not YAML: found a tab", "indent by spaces")
    message = f"is not YAML: {error.problem or error.context or 'cannot be parsed'}"
    hint = ""
    if error.context and error.context_mark and error.problem:
        hint = f"{error.context} that began on line {error.context_mark.line + 1}"
    return source.diagnostic(place, message, hint)


def _reader_error(source: SourceFile, error: yaml.YAMLError, message: str) -> Diagnostic:
    position = int(getattr(error, "position", 0))
    before = source.text[:position]
    line = before.count("\n") + 1
    return source.diagnostic(Place(line, position - (before.rfind("\n") + 1) + 1), message)

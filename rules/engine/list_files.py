"""Lists beside a policy: text files, an entry a line; a line that begins with # is a comment."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from rules.engine.document import ListSettings
from rules.engine.located_yaml import LocatedData
from rules.engine.nearest import did_you_mean
from rules.engine.source import Place, SourceFile
from rules.errors import Diagnostic, PolicyError
from rules.matchers import Folder, Lists, compile_pattern, fold_phrase

_DOMAIN: Final = re.compile(r"[^\s/:@.]{1,63}(?:\.[^\s/:@.]{1,63})+")

Check = Callable[[str], object]
"""Raises ValueError when an entry cannot be used."""


@dataclass(frozen=True)
class ListFile:
    """One list: its kind, its entries, and the bytes that the policy's version covers."""

    name: str
    kind: str
    source: SourceFile
    entries: tuple[str, ...]


def read_lists(
    settings: Mapping[str, ListSettings], located: LocatedData, errors: list[Diagnostic]
) -> list[ListFile]:
    """Read every list of a policy; what is wrong is added to ``errors``."""
    checks: dict[str, Check] = {
        "phrases": partial(fold_phrase, folder=Folder()),
        "patterns": compile_pattern,
        "domains": _check_domain,
        "names": _check_name,
    }
    files = []
    for name, one in settings.items():
        (kind, relative) = next((k, v) for k, v in one.model_dump().items() if v is not None)
        try:
            source = _open(relative, located, ("lists", name, kind))
            entries = _entries(source, checks[kind])
        except PolicyError as error:
            errors.extend(error.diagnostics)
        else:
            files.append(ListFile(name, kind, source, entries))
    return files


def as_lists(files: list[ListFile]) -> Lists:
    """The entries by kind and name, for the matchers; names are no matter of the text."""
    by_kind: dict[str, dict[str, tuple[str, ...]]] = {}
    for file in files:
        if file.kind != "names":
            by_kind.setdefault(file.kind, {})[file.name] = file.entries
    return Lists(**by_kind)


def names_of(files: Iterable[ListFile]) -> dict[str, frozenset[str]]:
    """The entries of the lists of names."""
    return {file.name: frozenset(file.entries) for file in files if file.kind == "names"}


def _open(relative: str, located: LocatedData, path: tuple[str, ...]) -> SourceFile:
    folder = located.source.path.parent
    target = folder / relative
    if Path(relative).is_absolute() or not target.resolve().is_relative_to(folder.resolve()):
        message = f"{relative!r} is outside the policy's folder"
        raise PolicyError(
            [located.error_at_value(path, message, "lists lie beside the policy or below it")]
        )
    if not target.is_file():
        names = [
            file.relative_to(folder).as_posix() for file in folder.rglob("*.txt") if file.is_file()
        ]
        message = f"there is no file {relative!r} beside the policy"
        hint = did_you_mean(relative, names, otherwise="there are")
        raise PolicyError([located.error_at_value(path, message, hint)])
    return SourceFile.read(target)


def _entries(source: SourceFile, check: Check) -> tuple[str, ...]:
    entries: dict[str, int] = {}
    errors = []
    for number, line in enumerate(source.lines, start=1):
        entry = line.strip()
        if not entry or entry.startswith("#"):
            continue
        place = Place(number, line.index(entry) + 1, len(entry))
        if entry in entries:
            errors.append(source.diagnostic(place, f"stands twice; first on line {entries[entry]}"))
            continue
        entries[entry] = number
        try:
            check(entry)
        except ValueError as error:
            errors.append(source.diagnostic(place, str(error)))
    if errors:
        raise PolicyError(errors)
    return tuple(entries)


def _check_domain(entry: str) -> None:
    if _DOMAIN.fullmatch(entry) is None:
        raise ValueError("is no domain; expected a name such as example.com, without a scheme")


def _check_name(entry: str) -> None:
    if any(char.isspace() for char in entry):
        raise ValueError("holds a space; expected one id or word a line")

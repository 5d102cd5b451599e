"""One bank in its folder: settings, a base that is memory-mapped, and what changed since.

::

    NAME/bank.json            settings, written by people
    NAME/base.json            names the files of the base with their sha256; replaced as a whole
    NAME/base-HASH.npy        the base's rows
    NAME/base-HASH.ids        its entries' ids, a line each
    NAME/base-HASH-*.npy      the index of Hamming kinds
    NAME/delta.jsonl          changes since, a line each: add, confirm, deny

A change is one appended line; :func:`rules.banks.compact` folds the lines into a new base.
An entry may have several rows (the turned and mirrored forms of a picture).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from rules.banks.errors import BankError
from rules.banks.hamming import HASH_BYTES, HammingIndex
from rules.banks.settings import BankKind, BankSettings
from rules.banks.shelf import HammingShelf, Shelf, build_shelf
from schemas.base import Name

SETTINGS_FILE: Final = "bank.json"
BASE_FILE: Final = "base.json"
DELTA_FILE: Final = "delta.jsonl"

_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)


class BaseManifest(BaseModel):
    """``base.json``: which files are the base, and what they must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: str
    ids: str
    index: dict[str, str] = {}
    sha256: dict[str, str]
    count: int


class Change(BaseModel):
    """A line of ``delta.jsonl``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    op: Literal["add", "confirm", "deny"]
    entry: str
    rows: list[str] = []
    """Of an addition: rows in hexadecimal (the bytes of float32 numbers for an embedding)."""
    by: str = ""


@dataclass(frozen=True)
class Bank:
    """A loaded bank; never changes."""

    name: str
    settings: BankSettings
    shelves: tuple[tuple[Shelf, Sequence[str]], ...]
    """Indexes with the entry id of each of their rows."""
    rows: tuple[NDArray[np.generic], ...]
    confirmed: frozenset[str] = field(default_factory=frozenset)
    denied: frozenset[str] = field(default_factory=frozenset)
    version: str = ""
    """Of its content: the first 12 digits of a sha256 over settings, base and changes."""
    changed_at: float = 0.0
    """When its newest file was written, seconds since 1970."""
    size: int = 0
    """Entries that can match: denied ones left out."""

    def search(self, queries: NDArray[np.generic]) -> list[dict[str, float]]:
        """For each query the entries within reach and their distance; denied ones left out."""
        found: list[dict[str, float]] = [{} for _ in queries]
        for shelf, ids in self.shelves:
            for near, rows in zip(found, shelf.search(queries, self.settings.reach), strict=True):
                for row, distance in rows:
                    entry = ids[row]
                    if entry not in self.denied:
                        near[entry] = min(distance, near.get(entry, distance))
        return found

    def entries(self) -> Iterable[tuple[str, NDArray[np.generic]]]:
        """Every row with its entry's id, denied ones left out."""
        for (_, ids), rows in zip(self.shelves, self.rows, strict=True):
            for entry, row in zip(ids, rows, strict=True):
                if entry not in self.denied:
                    yield entry, row


def load_bank(folder: Path, *, check: bool = True) -> Bank:
    """Load a bank.

    Args:
        folder: the bank's own folder; its name is the bank's.
        check: compare the base's files with their sha256.

    Raises:
        BankError: a file is missing, damaged or not what it should be.
    """
    check_name(folder.name)
    settings, raw = _read_settings(folder / SETTINGS_FILE)
    digest = hashlib.sha256(raw)
    shelves: list[tuple[Shelf, Sequence[str]]] = []
    rows: list[NDArray[np.generic]] = []
    base = folder / BASE_FILE
    if base.exists():
        digest.update(base.read_bytes())
        shelf, ids, stored = _load_base(folder, settings.kind, check=check)
        shelves.append((shelf, ids))
        rows.append(stored)
    delta = folder / DELTA_FILE
    changes = read_changes(delta)
    if changes:
        digest.update(delta.read_bytes())
    added = [(c.entry, parse_row(settings.kind, row)) for c in changes for row in c.rows]
    if added:
        table = np.stack([row for _, row in added])
        shelves.append((build_shelf(settings.kind, table), [entry for entry, _ in added]))
        rows.append(table)
    # The last word of a reviewer counts.
    judged = {change.entry: change.op for change in changes if change.op != "add"}
    denied = frozenset(entry for entry, op in judged.items() if op == "deny")
    known = set[str]().union(*(ids for _, ids in shelves))
    return Bank(
        name=folder.name,
        settings=settings,
        shelves=tuple(shelves),
        rows=tuple(rows),
        confirmed=frozenset(entry for entry, op in judged.items() if op == "confirm"),
        denied=denied,
        version=digest.hexdigest()[:12],
        changed_at=max(path.stat().st_mtime for path in _files(folder)),
        size=len(known - denied),
    )


def bank_state(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """Tells whether a bank's files have changed: name, inode, size and time of each.

    Names that tell which base it is stand in ``base.json``, so the base itself is not looked at.
    """
    found = ((path.name, path.stat()) for path in _files(folder))
    return tuple((name, s.st_ino, s.st_size, s.st_mtime_ns) for name, s in found)


def _files(folder: Path) -> list[Path]:
    paths = (folder / name for name in (SETTINGS_FILE, BASE_FILE, DELTA_FILE))
    return [path for path in paths if path.exists()]


def check_name(name: str) -> None:
    """Refuse what could not stand in a verdict.

    Raises:
        BankError: it is no name for a bank.
    """
    try:
        _NAME.validate_python(name)
    except ValidationError:
        raise BankError(
            f"{name!r} is no name for a bank, and verdicts name banks: rename its folder to a "
            "lower-case letter followed by up to 63 lower-case letters, digits, - and _"
        ) from None


def read_settings(folder: Path) -> BankSettings:
    """The settings of the bank in a folder.

    Raises:
        BankError: it is no bank, or its settings are not what they should be.
    """
    return _read_settings(folder / SETTINGS_FILE)[0]


def read_changes(path: Path) -> list[Change]:
    """The changes since the base, in order.

    Raises:
        BankError: a line cannot be read.
    """
    if not path.exists():
        return []
    changes = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            changes.append(Change.model_validate_json(line))
        except ValidationError as error:
            raise BankError(f"{path}:{number}: this is no change of a bank: {error}") from error
    return changes


def parse_row(kind: BankKind, text: str) -> NDArray[np.generic]:
    """A row from its hexadecimal form.

    Raises:
        BankError: it is not hexadecimal, or has not the length of its kind.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError as error:
        raise BankError(f"{text[:80]!r} is no hexadecimal number") from error
    if kind is BankKind.EMBEDDING:
        vector = np.frombuffer(raw[: len(raw) // 4 * 4], np.float32)
        return unit(vector)
    if len(raw) != HASH_BYTES:
        raise BankError(f"{text[:80]!r} has {len(raw)} bytes; a {kind} hash has {HASH_BYTES}")
    return np.frombuffer(raw, np.uint8)


def unit(vector: NDArray[np.float32]) -> NDArray[np.float32]:
    """The vector at length one.

    Raises:
        BankError: it is empty, zero, or not finite.
    """
    length = float(np.linalg.norm(vector))
    if not 0.0 < length < float("inf"):
        raise BankError("an embedding must be finite and not zero")
    scaled: NDArray[np.float32] = (vector / length).astype(np.float32)
    return scaled


def _read_settings(path: Path) -> tuple[BankSettings, bytes]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BankError(f"{path} cannot be read ({error}); a bank needs its settings") from error
    try:
        return BankSettings.model_validate_json(raw), raw
    except ValidationError as error:
        raise BankError(f"{path}: {error}") from error


def _load_base(
    folder: Path, kind: BankKind, *, check: bool
) -> tuple[Shelf, Sequence[str], NDArray[np.generic]]:
    path = folder / BASE_FILE
    try:
        manifest = BaseManifest.model_validate_json(path.read_bytes())
        if check:
            for name, expected in manifest.sha256.items():
                _check_file(folder / name, expected)
        rows: Any = np.load(folder / manifest.rows, mmap_mode="r")
        ids = (folder / manifest.ids).read_text(encoding="utf-8").split("\n")[:-1]
        parts = {part: np.load(folder / n, mmap_mode="r") for part, n in manifest.index.items()}
    except (OSError, ValueError) as error:
        raise BankError(f"{path}: the base cannot be loaded: {error}") from error
    if not len(rows) == len(ids) == manifest.count:
        raise BankError(f"{path}: {len(rows)} rows and {len(ids)} ids, {manifest.count} expected")
    shelf = HammingShelf(HammingIndex(rows, **parts)) if parts else build_shelf(kind, rows)
    return shelf, ids, rows


def _check_file(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise ValueError(f"{path.name} is damaged: its sha256 is not the one in {BASE_FILE}")


def change_line(change: Change) -> str:
    """The change as ``delta.jsonl`` has it."""
    return json.dumps(change.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n"

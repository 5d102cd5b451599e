"""The two parts of a bank's content: a base that is memory-mapped, and what was added since."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from rules.banks.change import DELTA_FILE, read_changes
from rules.banks.errors import BankError
from rules.banks.hamming import HammingIndex
from rules.banks.rows import parse_row
from rules.banks.settings import BankKind
from rules.banks.shelf import HammingShelf, Shelf, build_shelf

BASE_FILE: Final = "base.json"

Mark = tuple[str, int, int, int]
"""Name, inode, size and time of a file."""


class BaseManifest(BaseModel):
    """``base.json``: which files are the base, and what they must hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: str
    ids: str
    index: dict[str, str] = {}
    sha256: dict[str, str]
    count: int


@dataclass(frozen=True)
class Section:
    """Rows that are searched together."""

    source: bytes
    """The manifest, or the digest of the file: the same source has the same content."""
    mark: Mark
    shelf: Shelf
    ids: Sequence[str]
    """The entry of each row."""
    rows: NDArray[np.generic]


def file_mark(path: Path) -> Mark:
    """Tells whether a file has changed.

    Raises:
        OSError: there is none.
    """
    found = path.stat()
    return path.name, found.st_ino, found.st_size, found.st_mtime_ns


def load_base(
    folder: Path, kind: BankKind, *, check: bool, before: Section | None
) -> Section | None:
    """The base, if there is one; ``before`` again where it is the same.

    Raises:
        BankError: a file of it is missing or damaged.
    """
    path = folder / BASE_FILE
    if not path.exists():
        return None
    try:
        mark, raw = file_mark(path), path.read_bytes()
        if before is not None and before.source == raw:
            return before
        manifest = BaseManifest.model_validate_json(raw)
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
    return Section(raw, mark, shelf, ids, rows)


def load_delta(folder: Path, kind: BankKind, *, before: Section | None) -> Section | None:
    """What was added since the base, if anything was; ``before`` again where it is the same.

    Raises:
        BankError: a line cannot be read, or vectors are of different lengths.
    """
    path = folder / DELTA_FILE
    if not path.exists():
        return None
    mark = file_mark(path)
    if before is not None and before.mark == mark:
        return before
    added = [(c.entry, parse_row(kind, row)) for c in read_changes(path) for row in c.rows]
    if not added:
        return None
    lengths = {len(row) for _, row in added}
    if len(lengths) > 1:
        raise BankError(f"{path}: vectors of {sorted(lengths)} numbers cannot be compared")
    table = np.stack([row for _, row in added])
    source = hashlib.sha256(path.read_bytes()).digest()
    return Section(source, mark, build_shelf(kind, table), [entry for entry, _ in added], table)


def _check_file(path: Path, expected: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != expected:
            raise ValueError(f"{path.name} is damaged: its sha256 is not the one in {BASE_FILE}")

"""Changes to a bank's folder: create, add, judge, compact. One process writes at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from rules.banks.bank import (
    BASE_FILE,
    DELTA_FILE,
    SETTINGS_FILE,
    BaseManifest,
    Change,
    change_line,
    check_name,
    load_bank,
    parse_row,
    read_settings,
)
from rules.banks.errors import BankError
from rules.banks.hamming import HammingIndex
from rules.banks.locking import writing_lock
from rules.banks.settings import BankSettings


def create_bank(folder: Path, settings: BankSettings) -> None:
    """Make an empty bank.

    Raises:
        BankError: there is one already, or the folder's name is none for a bank.
    """
    check_name(folder.name)
    folder.mkdir(parents=True, exist_ok=True)
    with writing_lock(folder):
        if (folder / SETTINGS_FILE).exists():
            raise BankError(f"{folder} is a bank already")
        _replace(folder / SETTINGS_FILE, settings.model_dump_json(indent=2).encode())


def append(folder: Path, changes: Iterable[Change]) -> int:
    """Write changes behind the earlier ones, all or none; returns how many.

    Raises:
        BankError: the folder is no bank, a row does not fit its kind, or an id holds a line break.
    """
    kind = read_settings(folder).kind
    lines = []
    for change in changes:
        if not change.entry or "\n" in change.entry:
            raise BankError(f"{change.entry!r} is no id of an entry: one line of text is needed")
        for row in change.rows:
            parse_row(kind, row)
        lines.append(change_line(change))
    with writing_lock(folder), (folder / DELTA_FILE).open("a", encoding="utf-8") as file:
        file.write("".join(lines))
        file.flush()
        os.fsync(file.fileno())
    return len(lines)


def compact(folder: Path) -> None:
    """Fold the changes into a new base. Loaded banks keep what they have mapped.

    The base is switched before the changes are cut: a crash in between leaves additions twice,
    which finds the same entries.

    Raises:
        BankError: the bank cannot be loaded.
    """
    # From reading to cutting: a change appended in between would be cut unread.
    read_settings(folder)
    with writing_lock(folder):
        _compact(folder)


def _compact(folder: Path) -> None:
    bank = load_bank(folder)
    entries = dict.fromkeys((entry, row.tobytes()) for entry, row in bank.entries())
    if not entries:
        return
    dtype = bank.rows[0].dtype
    rows = np.stack([np.frombuffer(raw, dtype) for _, raw in entries])
    ids = "".join(f"{entry}\n" for entry, _ in entries).encode()
    stem = f"base-{hashlib.sha256(rows.tobytes() + ids).hexdigest()[:12]}"
    arrays = {f"{stem}.npy": rows}
    parts: dict[str, str] = {}
    if bank.settings.kind.hamming:
        index = HammingIndex.build(rows)
        for part in ("values", "places", "bitmaps"):
            parts[part] = f"{stem}-{part}.npy"
            arrays[parts[part]] = getattr(index, part)
    for name, array in arrays.items():
        np.save(folder / name, array)
    (folder / f"{stem}.ids").write_bytes(ids)
    manifest = BaseManifest(
        rows=f"{stem}.npy",
        ids=f"{stem}.ids",
        index=parts,
        sha256={
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
            for name in (*arrays, f"{stem}.ids")
        },
        count=len(rows),
    )
    _replace(folder / BASE_FILE, manifest.model_dump_json(indent=2).encode())
    confirmed = (Change(op="confirm", entry=entry) for entry in sorted(bank.confirmed))
    _replace(folder / DELTA_FILE, "".join(map(change_line, confirmed)).encode())
    for old in folder.glob("base-*"):
        if not old.name.startswith(stem):
            old.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and put it in place, so that a reader sees the old or the new one."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)

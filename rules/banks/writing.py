"""Changes to a bank's folder: create, add, judge, compact. One process writes at a time."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from rules.banks.bank import SETTINGS_FILE, check_name, load_bank, read_settings
from rules.banks.change import DELTA_FILE, WORDS_FILE, Change, read_changes
from rules.banks.errors import BankError
from rules.banks.hamming import HammingIndex
from rules.banks.locking import writing_lock
from rules.banks.rows import parse_row
from rules.banks.sections import BASE_FILE, BaseManifest
from rules.banks.settings import BankKind, BankSettings


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


def append(folder: Path, changes: Iterable[Change]) -> list[Change]:
    """Write changes behind the earlier ones, all or none; returns those that were new.

    What a reviewer said in one decision is written once, however often it comes. An empty list of
    additions renews the bank's age: its feed had nothing to add.

    Raises:
        BankError: the folder is no bank, a row does not fit its kind, or an id holds a line break.
    """
    kind = read_settings(folder).kind
    added: list[Change] = []
    words: list[Change] = []
    for change in changes:
        (added if change.op == "add" else words).append(change)
        if change.op != "trust" and (not change.entry or "\n" in change.entry):
            raise BankError(f"{change.entry!r} is no id of an entry: one line of text is needed")
    _check_rows(folder, kind, added)
    with writing_lock(folder):
        if added or not words:
            _append(folder / DELTA_FILE, added)
        if words:
            words = _unheard(words, read_changes(folder / WORDS_FILE))
            _append(folder / WORDS_FILE, words)
    return [*added, *words]


def _check_rows(folder: Path, kind: BankKind, added: Sequence[Change]) -> None:
    lengths = {len(parse_row(kind, row)) for change in added for row in change.rows}
    if kind is BankKind.EMBEDDING and lengths:
        lengths |= {load_bank(folder, check=False).width or min(lengths)}
        if len(lengths) > 1:
            raise BankError(
                f"{folder}: vectors of {sorted(lengths)} numbers cannot stand in one bank"
            )


def _unheard(words: Sequence[Change], earlier: Sequence[Change]) -> list[Change]:
    """The words without those that a reviewer's decision has said before."""
    heard = {(word.decision, word.entry) for word in earlier if word.decision}
    fresh = []
    for word in words:
        said = (word.decision, word.entry)
        if said not in heard:
            fresh.append(word)
        if word.decision:
            heard.add(said)
    return fresh


def _append(path: Path, changes: Sequence[Change]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(change.line for change in changes))
        file.flush()
        os.fsync(file.fileno())
    os.utime(path)


def compact(folder: Path) -> None:
    """Fold the additions into a new base. Loaded banks keep what they have mapped.

    Words stay as they are, and so do denied entries: a word can still free them. The base is
    switched before the additions are cut: a crash in between leaves additions twice, which finds
    the same entries.

    Raises:
        BankError: the bank cannot be loaded.
    """
    # From reading to cutting: a change appended in between would be cut unread.
    read_settings(folder)
    with writing_lock(folder):
        _compact(folder)


def _compact(folder: Path) -> None:
    bank = load_bank(folder)
    entries = dict.fromkeys(
        (entry, row.tobytes())
        for section in bank.sections
        for entry, row in zip(section.ids, section.rows, strict=True)
    )
    if not entries:
        return
    dtype = bank.sections[0].rows.dtype
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
    _replace(folder / DELTA_FILE, b"")
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

"""What the bank commands do; each returns the lines to print."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import typer
from numpy.typing import NDArray

from moderation.media import MediaError, MediaLimits, decode_image
from rules.banks import (
    MIN_QUALITY,
    BankError,
    BankKind,
    BankQuery,
    BankSet,
    BankSettings,
    Change,
    PictureHash,
    append,
    compact,
    create_bank,
    dihedral_hashes,
    export_entries,
    import_entries,
    load_bank,
    picture_hash,
    text_fingerprint,
    text_hash,
    text_sha256,
)
from rules.matchers import Folder


def run(task: Callable[[], Iterable[str]]) -> None:
    """Print the lines of a task; what is wrong goes to standard error, with exit code 1."""
    try:
        for line in task():
            typer.echo(line)
    except (BankError, MediaError, OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def add(
    bank: Path,
    entry: str,
    *,
    text: str | None,
    image: Path | None,
    audio: Path | None,
    kind: str | None,
) -> list[str]:
    """Add one thing to a bank, made first where a kind is given."""
    if kind is not None:
        create_bank(bank, BankSettings(kind=BankKind(kind)))
    of = load_bank(bank, check=False).settings.kind
    rows = [row.hex() for row in _rows(of, text, image, audio)]
    append(bank, [Change(op="add", entry=entry, rows=rows)])
    return [f"{bank.name}: {entry} added, {len(rows)} rows"]


def match(banks: Path, *, text: str | None, image: Path | None, audio: Path | None) -> list[str]:
    """What the banks know of these."""
    images = []
    if image is not None:
        pdq, quality = picture_hash(_pixels(image))
        images = [PictureHash(_sha256(image), pdq, quality)]
    query = BankQuery(
        text=None if text is None else text_hash(text, Folder()),
        images=images,
        audio=[_sha256(audio)] if audio else [],
    )
    found = BankSet(banks).match(query)
    return [json.dumps(asdict(one), ensure_ascii=False) for one in found] or ["no match"]


def import_list(bank: Path, source: Path, *, fold: bool) -> list[str]:
    """Take a list in."""
    read = import_entries(source, load_bank(bank, check=False).settings.kind, by=source.name)
    append(bank, read.changes)
    if fold:
        compact(bank)
    skipped = [f"skipped, {reason}: {count}" for reason, count in sorted(read.skipped.items())]
    return [f"{bank.name}: {len(read.changes)} entries taken in", *skipped]


def fold(bank: Path) -> list[str]:
    """Fold a bank's changes into its base."""
    compact(bank)
    return [f"{bank.name}: {load_bank(bank).size} entries in the base"]


def export_list(bank: Path, target: Path) -> list[str]:
    """Write a list."""
    return [f"{target}: {export_entries(load_bank(bank), target)} rows"]


def judge(bank: Path, entry: str, *, confirm: bool, by: str) -> list[str]:
    """Write a reviewer's word on an entry."""
    if entry not in {known for known, _ in load_bank(bank).entries()}:
        raise BankError(f"{bank} has no entry {entry!r}")
    append(bank, [Change(op="confirm" if confirm else "deny", entry=entry, by=by)])
    return [f"{bank.name}: {entry} {'confirmed' if confirm else 'denied'} by {by}"]


def stats(banks: Path) -> list[str]:
    """What each bank holds."""
    return [
        json.dumps({"bank": name, **asdict(one)}) for name, one in BankSet(banks).stats().items()
    ]


def _rows(kind: BankKind, text: str | None, image: Path | None, audio: Path | None) -> list[bytes]:
    if kind is BankKind.TEXT and text:
        return [bytes.fromhex(text_sha256(text, Folder()))]
    if kind is BankKind.NEAR_TEXT and text:
        fingerprint = text_fingerprint(text, Folder())
        if fingerprint is None:
            raise BankError("the text is too short for near matches; use a bank of kind 'text'")
        return [fingerprint]
    if kind is BankKind.PDQ and image:
        hashes, quality = dihedral_hashes(_pixels(image))
        if quality < MIN_QUALITY:
            raise BankError(
                f"{image} has PDQ quality {quality}, {MIN_QUALITY} is needed: it shows too little "
                "to be told from others; use a bank of kind 'image'"
            )
        return list(dict.fromkeys(hashes))
    if kind is BankKind.IMAGE and image:
        return [bytes.fromhex(_sha256(image))]
    if kind is BankKind.AUDIO and audio:
        return [bytes.fromhex(_sha256(audio))]
    raise BankError(f"a bank of kind {kind} takes {kind.part}; give that option")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _pixels(path: Path) -> NDArray[np.uint8]:
    # As the worker decodes: a hash taken otherwise would lie some bits away from its picture.
    return decode_image(path.read_bytes(), MediaLimits()).pixels

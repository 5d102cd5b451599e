"""What the bank commands do; each returns the lines to print."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from moderation.media import MediaError
from rules.banks import (
    BankError,
    BankKind,
    BankSet,
    BankSettings,
    Change,
    append,
    compact,
    create_bank,
    export_entries,
    folder_stats,
    import_entries,
    is_bank,
    load_bank,
    read_settings,
)
from workers.banks.content import Content

if TYPE_CHECKING:
    from moderation.scoring import PostScorer


def run(task: Callable[[], Iterable[str]]) -> None:
    """Print the lines of a task; what is wrong goes to standard error, with exit code 1."""
    try:
        for line in task():
            typer.echo(line)
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        raise typer.Exit(1) from error
    except (BankError, MediaError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def add(
    bank: Path, entry: str, content: Content, *, kind: str | None, model: Path | None
) -> list[str]:
    """Add one thing to a bank, made first where a kind is given and there is none."""
    content.check_given()
    of = _kind_of(bank, kind)
    scorer = _scorer(model) if of is BankKind.EMBEDDING else None
    rows = [row.hex() for row in content.rows(of, scorer)]
    if not is_bank(bank):
        encoders = (scorer.encoder,) if scorer and scorer.encoder else ()
        create_bank(bank, BankSettings(kind=of, encoders=encoders))
    elif scorer is not None:
        _check_encoder(bank, scorer)
    append(bank, [Change(op="add", entry=entry, rows=rows)])
    return [f"{bank.name}: {entry} added, {len(rows)} rows"]


def match(banks: Path, content: Content, *, model: Path | None) -> list[str]:
    """What the banks know of these."""
    content.check_given()
    kinds = {read_settings(folder).kind for folder in _banks_in(banks)}
    if not any(kind.part in content.parts for kind in kinds):
        given = " and ".join(sorted(content.parts - {"post"}))
        raise BankError(
            f"no bank in {banks} can be asked about {given}; there are banks of kind "
            f"{', '.join(sorted(kinds))}"
        )
    scorer = _scorer(model) if BankKind.EMBEDDING in kinds else None
    known = BankSet(banks, encoder=scorer.encoder if scorer else None)
    found = known.match(content.query(scorer))
    return [json.dumps(asdict(one), ensure_ascii=False) for one in found] or ["no match"]


def import_list(bank: Path, source: Path, *, kind: str | None, fold: bool) -> list[str]:
    """Take a list in."""
    of = _kind_of(bank, kind)
    if of is BankKind.EMBEDDING and not is_bank(bank):
        raise BankError(
            f"{bank} is no bank; make it by `moderation banks add --kind embedding`, which notes "
            "the model that gives its vectors"
        )
    settings = read_settings(bank) if is_bank(bank) else BankSettings(kind=of)
    read = import_entries(source, settings, by=source.name)
    if not is_bank(bank):
        create_bank(bank, settings)
    append(bank, read.changes)
    if fold:
        compact(bank)
    skipped = [f"skipped, {reason}: {count}" for reason, count in sorted(read.skipped.items())]
    return [f"{bank.name}: {len(read.changes)} entries taken in", *skipped]


def fold(bank: Path) -> list[str]:
    """Fold a bank's additions into its base."""
    compact(bank)
    return [f"{bank.name}: {load_bank(bank).size} entries in the base"]


def export_list(bank: Path, target: Path) -> list[str]:
    """Write a list."""
    return [f"{target}: {export_entries(load_bank(bank), target)} rows"]


def judge(bank: Path, entry: str, *, confirm: bool | None, by: str) -> list[str]:
    """Write a curator's word on an entry."""
    if confirm is None:
        raise BankError("say whether the entry is right: --confirm or --deny")
    if not any(entry in section.ids for section in load_bank(bank).sections):
        raise BankError(f"{bank} has no entry {entry!r}")
    append(bank, [Change(op="confirm" if confirm else "deny", entry=entry, by=by)])
    return [f"{bank.name}: {entry} {'confirmed' if confirm else 'denied'} by {by}"]


def trust(bank: Path, *, by: str) -> list[str]:
    """Forget the words for which a bank is doubted, but not what they say of its entries."""
    append(bank, [Change(op="trust", by=by)])
    return [f"{bank.name}: trusted by {by}"]


def stats(banks: Path) -> list[str]:
    """What each bank holds."""
    _banks_in(banks)
    found = folder_stats(banks, now=time.time())
    return [json.dumps({"bank": name, **asdict(one)}) for name, one in found.items()]


def _kind_of(bank: Path, kind: str | None) -> BankKind:
    """The kind of a bank that is there, or that is to be made.

    Raises:
        BankError: there is no such kind, no bank and no kind for it, or a bank of another kind.
    """
    if kind is not None and kind not in set(BankKind):
        raise BankError(f"{kind!r} is no kind of bank; there are {', '.join(BankKind)}")
    if not is_bank(bank):
        if kind is None:
            raise BankError(f"{bank} is no bank; give --kind to make it: {', '.join(BankKind)}")
        return BankKind(kind)
    of = read_settings(bank).kind
    if kind not in {None, of}:
        raise BankError(f"{bank} is a bank of kind {of}, not {kind}; leave --kind out")
    return of


def _banks_in(folder: Path) -> list[Path]:
    """The banks in a folder.

    Raises:
        BankError: there are none.
    """
    if is_bank(folder):
        raise BankError(
            f"{folder} is a bank itself; give the folder that holds it, {folder.parent}"
        )
    if not folder.is_dir():
        raise BankError(f"{folder} is no folder; banks are folders inside one")
    found = sorted(path for path in folder.iterdir() if is_bank(path))
    if not found:
        raise BankError(f"{folder} holds no banks; make one by `moderation banks add --kind`")
    return found


def _scorer(model: Path | None) -> PostScorer:
    from moderation.inference import SHIPPED_MODEL_DIR, InferenceError, Scorer
    from moderation.model import ModelError

    try:
        return Scorer(model or SHIPPED_MODEL_DIR)
    except (ModelError, InferenceError) as error:
        raise BankError(f"the model cannot be used: {error}") from error


def _check_encoder(bank: Path, scorer: PostScorer) -> None:
    known = read_settings(bank).encoders
    if scorer.encoder not in known:
        raise BankError(
            f"{bank} holds vectors by {', '.join(known)}, and this model is {scorer.encoder}: name "
            "the one that filled it by --model, or begin a new bank"
        )

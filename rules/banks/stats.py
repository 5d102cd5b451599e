"""What an operator watches of a bank."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rules.banks.bank import SETTINGS_FILE, Bank, load_bank
from rules.banks.errors import BankError
from rules.banks.settings import BankKind


@dataclass(frozen=True, slots=True)
class BankStats:
    """The figures of one bank."""

    kind: BankKind
    entries: int
    """Denied ones left out."""
    rows: int
    version: str
    age_s: float
    """Seconds since its content was last written."""
    denied: int
    quarantined: int
    """Entries held back by the process that tells."""
    renew_within_s: float | None
    """Age from which the bank is stale, where its settings say so."""
    confirms: int
    denies: int
    """Words of reviewers and curators on its matches."""
    confirmed_share: float | None
    """Confirmations among the latest words; ``None`` while there are too few."""
    doubted: bool
    """Whether that is too little, so that all of it asks for review at most."""


def stats_of(bank: Bank, *, quarantined: int, now: float) -> BankStats:
    """The figures of a loaded bank; ``now`` in seconds since 1970."""
    said = bank.standing
    return BankStats(
        kind=bank.settings.kind,
        entries=bank.size,
        rows=sum(len(section.rows) for section in bank.sections),
        version=bank.version,
        age_s=max(0.0, now - bank.changed_at),
        denied=len(said.denied),
        quarantined=quarantined,
        renew_within_s=bank.settings.renew_within_s,
        confirms=said.confirms,
        denies=said.denies,
        confirmed_share=said.confirmed_share,
        doubted=bank.doubted,
    )


def folder_stats(folder: Path, *, now: float) -> dict[str, BankStats]:
    """The figures of all banks in a folder, by name, whatever can be looked up in them here.

    Raises:
        BankError: the folder is missing, or a bank of it cannot be loaded.
    """
    if not folder.is_dir():
        raise BankError(f"{folder} is no folder; banks are folders inside one")
    found = sorted(path.parent for path in folder.glob(f"*/{SETTINGS_FILE}"))
    return {path.name: stats_of(load_bank(path), quarantined=0, now=now) for path in found}

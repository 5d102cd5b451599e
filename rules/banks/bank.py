"""One bank in its folder: settings, content, and what people said of its matches.

::

    NAME/bank.json            settings, written by people
    NAME/base.json            names the files of the base with their sha256; replaced as a whole
    NAME/base-HASH.npy        the base's rows
    NAME/base-HASH.ids        its entries' ids, a line each
    NAME/base-HASH-*.npy      the index of Hamming kinds
    NAME/delta.jsonl          additions since, a line each
    NAME/words.jsonl          words on entries and on the bank, a line each

A change is one appended line; :func:`rules.banks.compact` folds the additions into a new base.
An entry may have several rows: the turned and mirrored forms of a picture, the views of a post.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from rules.banks.change import DELTA_FILE, WORDS_FILE, read_changes
from rules.banks.errors import BankError
from rules.banks.sections import BASE_FILE, Mark, Section, file_mark, load_base, load_delta
from rules.banks.settings import BankSettings
from rules.banks.words import Standing, standing
from schemas.base import Name

SETTINGS_FILE: Final = "bank.json"

_NAME: Final[TypeAdapter[str]] = TypeAdapter(Name)


@dataclass(frozen=True)
class Bank:
    """A loaded bank; never changes."""

    name: str
    settings: BankSettings
    base: Section | None = None
    delta: Section | None = None
    standing: Standing = field(default_factory=Standing)
    version: str = ""
    """Of all that it is: the first 12 digits of a sha256 over settings, content and words."""
    changed_at: float = 0.0
    """When its content was last written, seconds since 1970; a word is no new content."""
    size: int = 0
    """Entries that can match: denied ones left out."""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Base and delta, as far as they are there."""
        return tuple(section for section in (self.base, self.delta) if section is not None)

    @property
    def width(self) -> int | None:
        """Numbers of a row; ``None`` while there is none."""
        return next((int(section.rows.shape[1]) for section in self.sections), None)

    @property
    def doubted(self) -> bool:
        """Whether reviewers have denied too many of its latest matches."""
        least, share = self.settings.doubt_below, self.standing.confirmed_share
        return least is not None and share is not None and share < least

    def search(self, queries: NDArray[np.generic]) -> list[dict[str, float]]:
        """For each query the entries within reach and their distance; denied ones left out.

        Raises:
            BankError: the queries have another width than the bank's rows.
        """
        found: list[dict[str, float]] = [{} for _ in queries]
        if self.width is not None and queries.shape[1] != self.width:
            raise BankError(
                f"the bank {self.name} holds rows of {self.width} numbers, and is asked about "
                f"{queries.shape[1]}: they come from another encoder"
            )
        for section in self.sections:
            for near, rows in zip(
                found, section.shelf.search(queries, self.settings.reach), strict=True
            ):
                for row, distance in rows:
                    entry = section.ids[row]
                    if entry not in self.standing.denied:
                        near[entry] = min(distance, near.get(entry, distance))
        return found

    def entries(self) -> Iterable[tuple[str, NDArray[np.generic]]]:
        """Every row with its entry's id, denied ones left out."""
        for section in self.sections:
            for entry, row in zip(section.ids, section.rows, strict=True):
                if entry not in self.standing.denied:
                    yield entry, row


def load_bank(folder: Path, *, check: bool = True, before: Bank | None = None) -> Bank:
    """Load a bank.

    Args:
        folder: the bank's own folder; its name is the bank's.
        check: compare the base's files with their sha256.
        before: the bank as it was loaded before; what has not changed since is taken from it.

    Raises:
        BankError: a file is missing, damaged or not what it should be.
    """
    check_name(folder.name)
    settings, raw = _read_settings(folder / SETTINGS_FILE)
    same = before if before is not None and before.settings.kind is settings.kind else None
    base = load_base(folder, settings.kind, check=check, before=same.base if same else None)
    delta = load_delta(folder, settings.kind, before=same.delta if same else None)
    if base and delta and base.rows.shape[1] != delta.rows.shape[1]:
        raise BankError(
            f"{folder}: the base holds vectors of {base.rows.shape[1]} numbers, {DELTA_FILE} of "
            f"{delta.rows.shape[1]}; they cannot be compared"
        )
    words = folder / WORDS_FILE
    said = standing(read_changes(words), settings.doubt_words)
    sections = tuple(section for section in (base, delta) if section)
    digest = hashlib.sha256(raw)
    for section in sections:
        digest.update(section.source)
    digest.update(words.read_bytes() if words.exists() else b"")
    known = set[str]().union(*(section.ids for section in sections))
    return Bank(
        name=folder.name,
        settings=settings,
        base=base,
        delta=delta,
        standing=said,
        version=digest.hexdigest()[:12],
        changed_at=_content_time(folder),
        size=len(known - said.denied),
    )


def bank_state(folder: Path) -> tuple[Mark, ...]:
    """Tells whether a bank's files have changed: name, inode, size and time of each.

    Names that tell which base it is stand in ``base.json``, so the base itself is not looked at.
    """
    paths = (folder / name for name in (SETTINGS_FILE, BASE_FILE, DELTA_FILE, WORDS_FILE))
    return tuple(file_mark(path) for path in paths if path.exists())


def _content_time(folder: Path) -> float:
    """When the base or what was added since was written; the settings stand in for neither."""
    paths = [folder / name for name in (BASE_FILE, DELTA_FILE)]
    written = [path.stat().st_mtime for path in paths if path.exists()]
    return max(written, default=0.0) or (folder / SETTINGS_FILE).stat().st_mtime


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


def is_bank(folder: Path) -> bool:
    """Whether the folder holds a bank."""
    return (folder / SETTINGS_FILE).is_file()


def read_settings(folder: Path) -> BankSettings:
    """The settings of the bank in a folder.

    Raises:
        BankError: it is no bank, or its settings are not what they should be.
    """
    return _read_settings(folder / SETTINGS_FILE)[0]


def _read_settings(path: Path) -> tuple[BankSettings, bytes]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise BankError(
            f"{path.parent} is no bank: there is no {path.name}, and a bank needs its settings"
        ) from None
    except OSError as error:
        raise BankError(f"{path} cannot be read ({error.strerror})") from error
    try:
        return BankSettings.model_validate_json(raw), raw
    except ValidationError as error:
        raise BankError(f"{path}: {error}") from error

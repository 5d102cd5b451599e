"""All banks of a folder, looked up together and swapped as one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules.banks.bank import SETTINGS_FILE, Bank, load_bank, unit
from rules.banks.errors import BankError
from rules.banks.flood import FloodGate
from rules.banks.match import BankMatch, BankQuery
from rules.banks.near_text import text_fingerprint, text_sha256
from rules.banks.pdq import MIN_QUALITY
from rules.banks.settings import BankKind
from rules.matchers import Folder
from schemas import Action

_SHARE_STEPS: Final = 2**64


@dataclass(frozen=True, slots=True)
class BankStats:
    """What an operator watches of one bank."""

    kind: BankKind
    rows: int
    version: str
    age_s: float
    """Seconds since its newest file was written."""
    denied: int
    quarantined: int


class BankSet:
    """Looks posts up in banks. Safe to share between threads; :meth:`reload` swaps atomically."""

    def __init__(
        self, banks: Sequence[Bank], *, folder: Path | None = None, clock: Callable[[], float]
    ) -> None:
        """Take loaded banks; see :meth:`load`.

        Args:
            banks: each under its own name.
            folder: where :meth:`reload` reads them anew.
            clock: seconds since 1970.
        """
        self._banks: tuple[Bank, ...] = tuple(banks)
        self._folder = folder
        self._clock = clock
        self._gate = FloodGate()
        self._folding = Folder()

    @classmethod
    def load(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> BankSet:
        """Load every bank in the folder.

        Raises:
            BankError: the folder is missing, or a bank of it cannot be loaded.
        """
        return cls(_load_all(folder), folder=folder, clock=clock)

    def reload(self) -> None:
        """Read the folder anew and put it in force; on an error the old banks stay.

        Raises:
            BankError: a bank cannot be loaded, or the set was not loaded from a folder.
        """
        if self._folder is None:
            raise BankError("these banks came from no folder, so there is nothing to load anew")
        fresh = _load_all(self._folder)
        for bank in fresh:
            for entry in self._gate.held(bank.name) & (bank.confirmed | bank.denied):
                self._gate.release(bank.name, entry)
        self._banks = tuple(fresh)

    @property
    def version(self) -> str:
        """Of the content of all banks: 12 hexadecimal digits."""
        names = "".join(f"{bank.name}={bank.version};" for bank in self._banks)
        return hashlib.sha256(names.encode()).hexdigest()[:12]

    def stats(self) -> dict[str, BankStats]:
        """By bank name."""
        now = self._clock()
        return {
            bank.name: BankStats(
                kind=bank.settings.kind,
                rows=sum(map(len, bank.rows)),
                version=bank.version,
                age_s=max(0.0, now - bank.changed_at),
                denied=len(bank.denied),
                quarantined=len(self._gate.held(bank.name)),
            )
            for bank in self._banks
        }

    def match(self, query: BankQuery) -> tuple[BankMatch, ...]:
        """What one post matches; see :meth:`match_many`."""
        return self.match_many([query])[0]

    def match_many(self, queries: Sequence[BankQuery]) -> list[tuple[BankMatch, ...]]:
        """What each post matches, the strongest action first.

        Looking up many at once is several times faster than one by one.

        Raises:
            BankError: a digest, hash or embedding has not the form of its kind.
        """
        banks = self._banks  # one version for the whole batch
        found: list[list[BankMatch]] = [[] for _ in queries]
        cancelled: set[tuple[int, str, int]] = set()
        for kind in {bank.settings.kind for bank in banks}:
            asked, rows = _rows_of(kind, queries, self._folding)
            if not rows:
                continue
            table = np.stack(rows)
            for bank in (bank for bank in banks if bank.settings.kind is kind):
                for (post, part), near in zip(asked, bank.search(table), strict=True):
                    if not near or not _applies(bank, queries[post].key):
                        continue
                    if bank.settings.negative:
                        cancelled.add((post, kind.part, part))
                        continue
                    found[post] += [
                        BankMatch(bank.name, kind.part, part, distance, bank.settings.action, entry)
                        for entry, distance in near.items()
                    ]
        by_name = {bank.name: bank for bank in banks}
        return [
            self._settled(
                [m for m in matches if (post, m.modality, m.index) not in cancelled], by_name
            )
            for post, matches in enumerate(found)
        ]

    def _settled(
        self, matches: Sequence[BankMatch], banks: Mapping[str, Bank]
    ) -> tuple[BankMatch, ...]:
        held: dict[tuple[str, str], bool] = {}
        for match in matches:  # a post counts once for an entry, however many parts match it
            key = (match.bank, match.entry)
            if key not in held:
                held[key] = self._holds(banks[match.bank], match.entry)
        settled = [
            _quarantined(match) if held[match.bank, match.entry] else match for match in matches
        ]
        return tuple(
            sorted(
                settled, key=lambda m: (-m.action.severity, m.bank, m.index, m.distance, m.entry)
            )
        )

    def _holds(self, bank: Bank, entry: str) -> bool:
        settings = bank.settings
        if settings.flood_posts is None or entry in bank.confirmed:
            return False
        return self._gate.holds(
            bank.name,
            entry,
            limit=settings.flood_posts,
            window_s=settings.flood_window_s,
            now=self._clock(),
        )


def _load_all(folder: Path) -> list[Bank]:
    if not folder.is_dir():
        raise BankError(f"{folder} is no folder; banks are folders inside one")
    return [load_bank(path.parent) for path in sorted(folder.glob(f"*/{SETTINGS_FILE}"))]


def _quarantined(match: BankMatch) -> BankMatch:
    action = min(match.action, Action.REVIEW, key=lambda action: action.severity)
    return BankMatch(
        match.bank, match.modality, match.index, match.distance, action, match.entry, True
    )


def _applies(bank: Bank, key: str) -> bool:
    """Whether the bank's ratio takes the post in: the same answer every time."""
    digest = hashlib.blake2b(f"{bank.name}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < bank.settings.ratio * _SHARE_STEPS


def _rows_of(
    kind: BankKind, queries: Sequence[BankQuery], folder: Folder
) -> tuple[list[tuple[int, int]], list[NDArray[Any]]]:
    """What a kind looks up: place of the post and of the part in it, and the row to seek."""
    asked, rows = [], []
    for post, query in enumerate(queries):
        for part, row in enumerate(_parts(kind, query, folder)):
            if row is not None:
                asked.append((post, part))
                rows.append(row)
    return asked, rows


def _parts(kind: BankKind, query: BankQuery, folder: Folder) -> list[NDArray[Any] | None]:
    if kind is BankKind.TEXT:
        return [_digest(text_sha256(query.text, folder))] if query.text else []
    if kind is BankKind.NEAR_TEXT:
        return [_hash(text_fingerprint(query.text, folder))] if query.text else []
    if kind is BankKind.IMAGE:
        return [_digest(picture.sha256) for picture in query.images]
    if kind is BankKind.PDQ:
        return [_hash(p.pdq) if p.quality >= MIN_QUALITY else None for p in query.images]
    if kind is BankKind.AUDIO:
        return [_digest(digest) for digest in query.audio]
    return [] if query.embedding is None else [unit(query.embedding)]


def _digest(text: str | None) -> NDArray[np.uint8] | None:
    try:
        return None if text is None else _hash(bytes.fromhex(text))
    except ValueError as error:
        raise BankError(f"{text!r} is no sha256 in hexadecimal") from error


def _hash(raw: bytes | None) -> NDArray[np.uint8] | None:
    if raw is None:
        return None
    row = np.frombuffer(raw, np.uint8)
    if len(row) != 32:  # noqa: PLR2004 (256 bits)
        raise BankError(f"a hash of {len(row)} bytes; 32 are needed")
    return row

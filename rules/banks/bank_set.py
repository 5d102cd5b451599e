"""All banks of a folder, looked up together and swapped as one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rules.banks.bank import SETTINGS_FILE, Bank, bank_state, load_bank
from rules.banks.errors import BankError
from rules.banks.flood import FloodGate
from rules.banks.match import BankMatch, BankQuery
from rules.banks.pdq import MIN_QUALITY
from rules.banks.rows import unit
from rules.banks.settings import BankKind
from rules.banks.stats import BankStats, stats_of
from schemas import Action

_SHARE_STEPS: Final = 2**64


@dataclass(frozen=True, slots=True)
class LookUp:
    """What banks say of posts, and what content of theirs says it."""

    matches: list[tuple[BankMatch, ...]]
    """Of each post, the strongest action first."""
    versions: Mapping[str, str]
    """Of every bank that was asked, by its name: 12 hexadecimal digits of its content."""
    kinds: Mapping[str, BankKind]
    """Of the same banks."""


FolderState = Mapping[Path, object]


class BankSet:
    """Looks posts up in banks. Safe to share between threads; :meth:`reload` swaps atomically."""

    def __init__(
        self,
        folder: Path,
        *,
        encoder: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Load every bank in the folder.

        Args:
            folder: holds the banks, each in a folder of its own.
            encoder: version of the model whose vectors are looked up; a bank of vectors by another
                is refused, and without one every bank of vectors.
            clock: seconds since 1970.

        Raises:
            BankError: the folder is missing, or a bank of it cannot be loaded or used.
        """
        self._folder = folder
        self._encoder = encoder
        self._clock = clock
        self._banks, self._state = self._load(())
        self._gate = FloodGate()

    def reload(self) -> None:
        """Read the folder anew and put it in force; on an error the old banks stay.

        Raises:
            BankError: the folder is missing, or a bank of it cannot be loaded or used.
        """
        fresh, state = self._load(self._banks)
        for bank in fresh:
            judged = bank.standing.confirmed | bank.standing.denied
            for entry in self._gate.held(bank.name) & judged:
                self._gate.release(bank.name, entry)
        self._banks, self._state = fresh, state

    def changed(self) -> bool:
        """Whether the folder holds other files than those in force."""
        return _state(self._folder) != self._state

    def _load(self, before: Sequence[Bank]) -> tuple[tuple[Bank, ...], FolderState]:
        # Looked at first, so that what changes while it is read is seen the next time.
        state = _state(self._folder)
        if not self._folder.is_dir():
            raise BankError(f"{self._folder} is no folder; banks are folders inside one")
        loaded = {bank.name: bank for bank in before}
        banks = tuple(load_bank(path, before=loaded.get(path.name)) for path in sorted(state))
        for bank in banks:
            self._check_encoder(bank)
        return banks, state

    def _check_encoder(self, bank: Bank) -> None:
        if bank.settings.kind is not BankKind.EMBEDDING or self._encoder in bank.settings.encoders:
            return
        here = f"by {self._encoder}" if self._encoder else "by none: the scorer makes no vectors"
        raise BankError(
            f"{self._folder / bank.name} holds vectors by {', '.join(bank.settings.encoders)}, and "
            f"posts come here with vectors {here}. Vectors of different models cannot be compared: "
            "fill a bank with the model in use and move this one out; or, where the model was only "
            "quantised or calibrated anew, add its version to `encoders` in bank.json"
        )

    @property
    def kinds(self) -> Mapping[str, BankKind]:
        """The kind of each bank, by its name."""
        return {bank.name: bank.settings.kind for bank in self._banks}

    def stats(self) -> dict[str, BankStats]:
        """By bank name."""
        now = self._clock()
        return {
            bank.name: stats_of(bank, quarantined=len(self._gate.held(bank.name)), now=now)
            for bank in self._banks
        }

    def match(self, query: BankQuery) -> tuple[BankMatch, ...]:
        """What one post matches; see :meth:`match_many`."""
        return self.match_many([query])[0]

    def match_many(self, queries: Sequence[BankQuery]) -> list[tuple[BankMatch, ...]]:
        """What each post matches; see :meth:`look_up`."""
        return self.look_up(queries).matches

    def look_up(self, queries: Sequence[BankQuery]) -> LookUp:
        """What each post matches, the strongest action first, all by the same content of the banks.

        Looking up many at once is several times faster than one by one.

        Raises:
            BankError: a digest, hash or embedding has not the form of its kind.
        """
        banks = self._banks
        found: list[list[BankMatch]] = [[] for _ in queries]
        cancelled: set[tuple[int, str, int]] = set()
        for kind in {bank.settings.kind for bank in banks}:
            asked, rows = _rows_of(kind, queries)
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
        matches = [
            self._settled(
                _whole([m for m in of if (post, m.modality, m.index) not in cancelled]), by_name
            )
            for post, of in enumerate(found)
        ]
        return LookUp(
            matches,
            {bank.name: bank.version for bank in banks},
            {bank.name: bank.settings.kind for bank in banks},
        )

    def _settled(
        self, matches: Sequence[BankMatch], banks: Mapping[str, Bank]
    ) -> tuple[BankMatch, ...]:
        held: dict[tuple[str, str], bool] = {}
        for match in matches:  # a post counts once for an entry, however many parts match it
            key = (match.bank, match.entry)
            if key not in held:
                held[key] = self._holds(banks[match.bank], match.entry)
        settled = [
            _held_back(match, flooded=held[match.bank, match.entry], bank=banks[match.bank])
            for match in matches
        ]
        return tuple(
            sorted(
                settled, key=lambda m: (-m.action.severity, m.bank, m.index, m.distance, m.entry)
            )
        )

    def _holds(self, bank: Bank, entry: str) -> bool:
        settings = bank.settings
        if settings.flood_posts is None or entry in bank.standing.confirmed:
            return False
        return self._gate.holds(
            bank.name,
            entry,
            limit=settings.flood_posts,
            window_s=settings.flood_window_s,
            now=self._clock(),
        )


def _state(folder: Path) -> FolderState:
    return {path.parent: bank_state(path.parent) for path in folder.glob(f"*/{SETTINGS_FILE}")}


def _whole(matches: Sequence[BankMatch]) -> list[BankMatch]:
    """With one match an entry for the views of a post, the nearest."""
    nearest: dict[tuple[str, str, int, str], BankMatch] = {}
    for match in matches:
        one = replace(match, index=0) if match.modality == "post" else match
        key = (one.bank, one.modality, one.index, one.entry)
        if key not in nearest or one.distance < nearest[key].distance:
            nearest[key] = one
    return list(nearest.values())


def _held_back(match: BankMatch, *, flooded: bool, bank: Bank) -> BankMatch:
    """The match, asking for review at most where the entry floods or the bank is doubted."""
    if not flooded and not bank.doubted:
        return match
    action = min(match.action, Action.REVIEW, key=lambda action: action.severity)
    return replace(match, action=action, quarantined=flooded, doubted=bank.doubted)


def _applies(bank: Bank, key: str) -> bool:
    """Whether the bank's ratio takes the post in: the same answer every time."""
    digest = hashlib.blake2b(f"{bank.name}\0{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest) < bank.settings.ratio * _SHARE_STEPS


def _rows_of(
    kind: BankKind, queries: Sequence[BankQuery]
) -> tuple[list[tuple[int, int]], list[NDArray[Any]]]:
    """What a kind looks up: place of the post and of the part in it, and the row to seek.

    The parts of a whole post are its views: what is harmless in one may stand beside harm in
    another.
    """
    asked, rows = [], []
    for post, query in enumerate(queries):
        for part, row in enumerate(_parts(kind, query)):
            if row is not None:
                asked.append((post, part))
                rows.append(row)
    return asked, rows


def _parts(kind: BankKind, query: BankQuery) -> list[NDArray[Any] | None]:
    if kind is BankKind.TEXT:
        return [] if query.text is None else [_digest(query.text.sha256)]
    if kind is BankKind.NEAR_TEXT:
        return [] if query.text is None else [_hash(query.text.near)]
    if kind is BankKind.IMAGE:
        return [_digest(picture.sha256) for picture in query.images]
    if kind is BankKind.PDQ:
        return [_hash(p.pdq) if p.quality >= MIN_QUALITY else None for p in query.images]
    if kind is BankKind.AUDIO:
        return [_digest(digest) for digest in query.audio]
    return [] if query.embeddings is None else [unit(view) for view in query.embeddings]


def _digest(text: str | None) -> NDArray[np.uint8] | None:
    try:
        return None if text is None else _hash(bytes.fromhex(text))
    except ValueError as error:
        raise BankError(f"{text!r} is no sha256 in hexadecimal") from error


def _hash(raw: bytes | None) -> NDArray[np.uint8] | None:
    if raw is None:
        return None
    row = np.frombuffer(raw, np.uint8)
    if len(row) != 32:  # noqa: PLR2004 - 256 bits in bytes
        raise BankError(f"a hash of {len(row)} bytes; 32 are needed")
    return row

"""Phrase lists: many phrases found at once, however they are dressed up.

One Aho-Corasick automaton (Aho & Corasick 1975) over all lists finds every phrase in one pass over
the folded text, and over its readings as leetspeak if there are any; what any reading finds counts.

A text with a drawn-out letter ("freeee") is searched with every run squeezed to one letter. That
makes "ass" and "as" alike, so such a find is confirmed on run lengths: a letter may be repeated
three times or more, but a double letter is never taken for a single one.

The automaton is ``ahocorasick-rs``: measured on 100,000 phrases and texts of 300 characters, 5 µs a
text where ``pyahocorasick`` takes 14, in as much memory (``python -m bench.matchers`` times it).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import ahocorasick_rs

from rules.matchers.folding import STRETCHED, FoldedText, Folder, is_stretched, squeeze
from rules.matchers.leet import leet_readings
from rules.matchers.match import Match

_EMPTY_FOLDED: Final = " "


@dataclass(frozen=True, slots=True)
class _Entry:
    list_name: str
    phrase: str
    runs: tuple[int, ...]
    """Of each character of the squeezed phrase, how often it stands in a row."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What the entries of one key are in a text as it is, and in a squeezed one."""

    plain: list[_Entry] = field(default_factory=list)
    squeezed: list[_Entry] = field(default_factory=list)


class PhraseMatcher:
    """Finds the phrases of all lists in a text. Safe to share between threads."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        """Build the automaton.

        Args:
            lists: phrases by list name; each must hold a letter, a digit or an emoji.

        Raises:
            ValueError: a phrase folds to nothing.
        """
        self._folder = Folder()
        keys: dict[str, _Key] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                folded = fold_phrase(phrase, self._folder)
                short = folded.squeezed()
                entry = _Entry(name, phrase, short.runs)
                keys.setdefault(folded.text, _Key()).plain.append(entry)
                keys.setdefault(short.text, _Key()).squeezed.append(entry)
        self._keys = tuple(keys.values())
        self._automaton = ahocorasick_rs.AhoCorasick(
            tuple(keys),
            # Smaller than the full automaton, so more of it stays in the processor's cache.
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
            store_patterns=False,
        )

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        found: dict[str, set[Match]] = {}
        if not self._keys or not text:
            return found
        self._scan(text, found)
        for reading in leet_readings(text):
            self._scan(reading, found)
        return found

    def _scan(self, text: str, found: dict[str, set[Match]]) -> None:
        folded = self._folder.fold(text)
        stretched = is_stretched(folded)
        hits = self._automaton.find_matches_as_indexes(
            squeeze(folded) if stretched else folded, overlapping=True
        )
        if not any(self._entries(key, stretched) for key, _, _ in hits):
            return
        # Tracing costs much more than scanning, so it waits for something to show.
        traced = self._folder.trace(text)
        if stretched:
            traced = traced.squeezed()
        for key, start, end in hits:
            for entry in self._entries(key, stretched):
                if not stretched or _runs_fit(traced, start, end, entry.runs):
                    span = traced.origin(start + 1, end - 1)
                    found.setdefault(entry.list_name, set()).add(Match(*span, entry.phrase))

    def _entries(self, key: int, stretched: bool) -> list[_Entry]:
        return self._keys[key].squeezed if stretched else self._keys[key].plain


def fold_phrase(phrase: str, folder: Folder) -> FoldedText:
    """The phrase as it is searched for: whole words between spaces.

    Raises:
        ValueError: nothing of it is left to search for.
    """
    folded = folder.trace(phrase)
    if folded.text == _EMPTY_FOLDED:
        raise ValueError("holds no letter, digit or emoji, so it can never be found")
    return folded


def _runs_fit(text: FoldedText, start: int, end: int, wanted: tuple[int, ...]) -> bool:
    return all(
        have == want or (have >= STRETCHED and have > want)
        for have, want in zip(text.runs[start:end], wanted, strict=True)
    )

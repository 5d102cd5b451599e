"""Phrase lists: many phrases found at once, however they are dressed up.

One Aho-Corasick automaton (Aho & Corasick 1975) over all lists finds every phrase in one pass over
the folded text, and over its readings as leetspeak if there are any; what any reading finds counts.

A text with a drawn-out letter ("freeee") is searched with every run squeezed to one letter. That
makes "ass" and "as" alike, so such a find is confirmed on run lengths: a letter may be repeated
three times or more, but a double letter is never taken for a single one.

Both, the readings and the squeezed text, are searched only where a word that they change is then a
word of some phrase: what people write with digits and drawn out is seldom one.

The automaton is ``ahocorasick-rs``: measured on 100,000 phrases and texts of 300 characters, 2 to 3
µs a text where ``pyahocorasick`` takes 14, in as much memory. Where a find stands in the original
is worked out for finds alone, which costs more than to search (``python -m bench.matchers``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import ahocorasick_rs

from rules.matchers.drawn_out import (
    ASCII_STRETCHES,
    Runs,
    squeeze,
    stretched_words,
)
from rules.matchers.folding import Folder
from rules.matchers.leet import has_leet, leet_readings, signed_stretches
from rules.matchers.match import Match

_EMPTY_FOLDED: Final = " "


@dataclass(frozen=True, slots=True)
class _Entry:
    list_name: str
    phrase: str
    runs: Mapping[int, int]
    """The ``lengths`` of its :class:`Runs`."""


@dataclass(frozen=True, slots=True)
class _Key:
    """What the entries of one key are in a text as it is, and in a squeezed one."""

    plain: list[_Entry] = field(default_factory=list)
    squeezed: list[_Entry] = field(default_factory=list)


_Span = tuple[int, int, _Entry]
"""Where an entry begins and ends in the folded text."""


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
        # The first keys are no phrases: the one pass also tells whether a text is drawn out.
        keys = {stretch: _Key() for stretch in ASCII_STRETCHES}
        for name, phrases in lists.items():
            for phrase in phrases:
                folded = fold_phrase(phrase, self._folder)
                entry = _Entry(name, phrase, Runs(folded).lengths)
                keys.setdefault(folded, _Key()).plain.append(entry)
                keys.setdefault(squeeze(folded), _Key()).squeezed.append(entry)
        self._keys = tuple(keys.values())
        self._words = frozenset(
            word for key, held in keys.items() if held.squeezed for word in key.split()
        )
        self._automaton = ahocorasick_rs.AhoCorasick(
            tuple(keys),
            # Smaller than the full automaton, so more of it stays in the processor's cache.
            implementation=ahocorasick_rs.Implementation.ContiguousNFA,
            store_patterns=False,
        )

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        found: dict[str, set[Match]] = {}
        if len(self._keys) == len(ASCII_STRETCHES):
            return found
        self._scan(text, found)
        if has_leet(text) and self._reads_as_listed(text):
            for reading in leet_readings(text):
                self._scan(reading, found)
        return found

    def _reads_as_listed(self, text: str) -> bool:
        """Whether a word that leetspeak changes becomes one of a phrase."""
        for part in signed_stretches(text):
            written = set(self._folder.fold(part).split())
            for reading in leet_readings(part):
                read = set(self._folder.fold(reading).split()) - written
                if any(squeeze(word) in self._words for word in read):
                    return True
        return False

    def _scan(self, text: str, found: dict[str, set[Match]]) -> None:
        folded = self._folder.fold(text)
        hits = self._hits(folded)
        if not hits and folded.isascii():
            return  # as with most texts
        drawn_out = [start for key, start, _ in hits if key < len(ASCII_STRETCHES)]
        if any(squeeze(word) in self._words for word in stretched_words(folded, drawn_out)):
            spans = self._squeezed_spans(folded)
        else:
            spans = [
                (start + 1, end - 1, entry)  # a key begins and ends with a space
                for key, start, end in hits
                for entry in self._keys[key].plain
            ]
        if spans:
            origins = self._folder.origins(text)
            for start, end, entry in spans:
                span = origins.span(folded, start, end)
                found.setdefault(entry.list_name, set()).add(Match(*span, entry.phrase))

    def _hits(self, folded: str) -> list[tuple[int, int, int]]:
        """Places of keys, and where they begin and end."""
        return self._automaton.find_matches_as_indexes(folded, overlapping=True)

    def _squeezed_spans(self, folded: str) -> list[_Span]:
        hits = [
            (start, end, entry)
            for key, start, end in self._hits(squeeze(folded))
            for entry in self._keys[key].squeezed
        ]
        if not hits:
            return []
        runs = Runs(folded)
        return [
            (*runs.unsqueezed(start + 1, end - 1), entry)
            for start, end, entry in hits
            if runs.allow(start, end, entry.runs)
        ]


def fold_phrase(phrase: str, folder: Folder) -> str:
    """The phrase as it is searched for: whole words between spaces.

    Raises:
        ValueError: nothing of it is left to search for.
    """
    folded = folder.fold(phrase)
    if folded == _EMPTY_FOLDED:
        raise ValueError("holds no letter, digit or emoji, so it can never be found")
    return folded

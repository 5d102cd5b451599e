"""Phrase lists: many phrases found at once, however they are dressed up.

One Aho-Corasick automaton (Aho & Corasick 1975) over all lists finds every phrase in one pass over
the folded text, and over its readings as leetspeak if there are any; what any reading finds counts.

Squeezing runs makes "ass" and "as" alike, so a find is confirmed on run lengths: a letter may be
repeated three times or more in the text, but a double letter is never taken for a single one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import ahocorasick

from rules.matchers.folding import FoldedText, Folder, is_unspaced
from rules.matchers.leet import leet_readings
from rules.matchers.match import Match

STRETCHED: Final = 3
"""Equal letters in a row from which a run is taken as drawn out: no language writes three."""


@dataclass(frozen=True, slots=True)
class _Entry:
    list_name: str
    phrase: str
    runs: tuple[int, ...]


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
        self._automaton = ahocorasick.Automaton()
        for name, phrases in lists.items():
            for phrase in phrases:
                self._add(name, phrase)
        self._empty = len(self._automaton) == 0
        if not self._empty:
            self._automaton.make_automaton()

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        found: dict[str, set[Match]] = {}
        if self._empty or not text:
            return found
        for reading in (text, *leet_readings(text)):
            self._scan(reading, found)
        return found

    def _add(self, name: str, phrase: str) -> None:
        key, runs = fold_phrase(phrase, self._folder)
        entry = _Entry(name, phrase, runs)
        if key in self._automaton:
            self._automaton.get(key).append(entry)
        else:
            self._automaton.add_word(key, [entry])

    def _scan(self, text: str, found: dict[str, set[Match]]) -> None:
        folded = self._folder.fold(text)
        traced: FoldedText | None = None
        for last, entries in self._automaton.iter(folded):
            for entry in entries:
                start, end = last + 1 - len(entry.runs), last + 1
                if not _stands_alone(folded, start, end):
                    continue
                # Tracing costs much more than scanning, so it waits for something to show.
                traced = traced or self._folder.trace(text)
                if _runs_fit(traced.runs[start:end], entry.runs, folded[start:end]):
                    span = traced.origin(start, end)
                    found.setdefault(entry.list_name, set()).add(Match(*span, entry.phrase))


def fold_phrase(phrase: str, folder: Folder) -> tuple[str, tuple[int, ...]]:
    """The phrase as it is searched for, and its run lengths.

    Raises:
        ValueError: nothing of it is left to search for.
    """
    folded = folder.trace(phrase)
    key = folded.text.strip()
    if not key:
        raise ValueError("holds no letter, digit or emoji, so it can never be found")
    start = folded.text.index(key)
    return key, folded.runs[start : start + len(key)]


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the span is not part of a longer word, in scripts that put spaces between words."""
    glued_before = start > 0 and _in_word(text[start - 1]) and _in_word(text[start])
    glued_after = end < len(text) and _in_word(text[end - 1]) and _in_word(text[end])
    return not (glued_before or glued_after)


def _in_word(char: str) -> bool:
    # Marks too: the vowel signs of Indic scripts belong to the word.
    return unicodedata.category(char)[0] in "LNM" and not is_unspaced(char)


def _runs_fit(found: tuple[int, ...], wanted: tuple[int, ...], chars: str) -> bool:
    return all(
        have == want or (have >= STRETCHED and have > want) or char == " "
        for have, want, char in zip(found, wanted, chars, strict=True)
    )

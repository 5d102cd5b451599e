"""Drawn-out letters: a folded text with each run of a letter brought down to a single one."""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from rules.matchers.folding import UNSPACED

STRETCHED: Final = 3
"""Equal letters in a row from which a run is taken as drawn out: no language writes three."""

# Fixed expressions without nested repetition: they run in linear time on any text. That each begins
# with a class of characters lets the search leap over all others.
_BEYOND_ASCII_STRETCH: Final = re.compile(r"([^\x00-\x7f])\1\1")
_UNSPACED_STRETCH: Final = re.compile(rf"([{UNSPACED}]) \1 \1")
_RUN: Final = re.compile(r"([^ ])\1+")
_UNSPACED_RUN: Final = re.compile(rf"([{UNSPACED}])(?: \1)+")
_ANY_RUN: Final = re.compile(f"{_UNSPACED_RUN.pattern}|{_RUN.pattern.replace('1', '2')}")

ASCII_STRETCHES: Final = tuple(
    letter * STRETCHED for letter in string.ascii_lowercase + string.digits
)
"""What a folded text is searched for to find the drawn-out letters of ASCII."""


def stretched_words(folded: str, ascii_stretches: Iterable[int]) -> Iterator[str]:
    """The words of a folded text that have a letter three times in a row.

    Args:
        folded: the text.
        ascii_stretches: where the :data:`ASCII_STRETCHES` begin in it, in order.
    """
    yield from _words_at(folded, ascii_stretches)
    if not folded.isascii():
        yield from _words_at(folded, map(re.Match.start, _BEYOND_ASCII_STRETCH.finditer(folded)))
        yield from (found[1] for found in _UNSPACED_STRETCH.finditer(folded))


def _words_at(folded: str, places: Iterable[int]) -> Iterator[str]:
    """The words at these places, which come in order; each word once."""
    end = 0
    for place in places:
        if place >= end:
            end = folded.index(" ", place)
            yield folded[folded.rindex(" ", 0, place) + 1 : end]


def squeeze(folded: str) -> str:
    """The folded text with each run brought down to one character."""
    squeezed = "".join(_RUN.split(folded))  # a split keeps what the group took
    return squeezed if squeezed.isascii() else "".join(_UNSPACED_RUN.split(squeezed))


class Runs:
    """What :func:`squeeze` took out of a folded text. Places are those of the squeezed text."""

    def __init__(self, folded: str) -> None:
        self.lengths: dict[int, int] = {}
        """Place -> how many equal characters stood there, for runs of two or more."""
        self._ends: list[int] = []
        """Where each run ended in the folded text."""
        gone = 0
        for run in _ANY_RUN.finditer(folded):
            self.lengths[run.start() - gone] = run[0].count(run[1] or run[2])
            self._ends.append(run.end())
            gone += run.end() - run.start() - 1
        self._places = tuple(self.lengths)

    def unsqueezed(self, start: int, end: int) -> tuple[int, int]:
        """The span of the folded text that a squeezed one stands for, with its whole runs."""
        return self._folded_place(start), self._folded_place(end)

    def allow(self, start: int, end: int, phrase: Mapping[int, int]) -> bool:
        """Whether a phrase of these ``lengths`` may be written with the runs of this stretch.

        A letter may be drawn out to three or more; a double one is never taken for a single one.
        """
        return all(
            _is_drawn_out(self.lengths.get(place, 1), phrase.get(place - start, 1))
            for place in range(start, end)
        )

    def _folded_place(self, place: int) -> int:
        before = bisect_left(self._places, place)
        if not before:
            return place
        return self._ends[before - 1] + place - self._places[before - 1] - 1


def _is_drawn_out(have: int, want: int) -> bool:
    return have == want or (have >= STRETCHED and have > want)

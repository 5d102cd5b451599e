"""Pattern lists: RE2 expressions, matched in time linear in the text.

Patterns see the text as it was written, and once more with its disguised letters written plainly; a
find is told by its place in the text as written. RE2 has no look-around and no back-references:
that is what makes a hostile text harmless. With thousands of patterns its automaton no longer fits
its memory (measured with 2,000: 2.9 ms a text of 300 characters), so Hyperscan first says which can
occur (1.1 µs), and RE2 finds their places.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import re2

from rules.matchers.match import Match
from rules.matchers.prefilter import PatternPrefilter
from rules.matchers.undisguised import Undisguiser

MAX_MATCHES: Final = 100
"""Finds of one pattern that are counted; a post that is all matches needs no exact number."""

ALTERNATION_BYTES: Final = 256 << 20
"""Memory that RE2 may take for the patterns it searches together; it takes what they need. With its
default of 8 MiB, 2,000 patterns took a thousand times longer."""

_Span = tuple[int, int]


class PatternMatcher:
    """Finds the patterns of all lists in a text. Safe to share between threads."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        """Compile the patterns.

        Raises:
            ValueError: a pattern is no RE2 expression, or matches the empty text.
        """
        self._patterns = tuple(
            (name, pattern, compile_pattern(pattern))
            for name, patterns in lists.items()
            for pattern in patterns
        )
        self._undisguiser = Undisguiser()
        self._prefilter = PatternPrefilter([pattern for _, pattern, _ in self._patterns])
        unread = self._prefilter.unread
        self._unread = unread
        self._any_unread = _alternation([self._patterns[place][1] for place in unread])

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        if not self._patterns:
            return {}
        spans = self._spans(text)
        if not text.isascii():
            for place, disguised in self._disguised_spans(text).items():
                written = spans.get(place, [])
                spans[place] = [*written, *_beside(written, disguised)][:MAX_MATCHES]
        found: dict[str, set[Match]] = {}
        for place, finds in spans.items():
            name, pattern, _ = self._patterns[place]
            found.setdefault(name, set()).update(Match(*span, pattern) for span in finds)
        return found

    def _spans(self, text: str) -> dict[int, list[_Span]]:
        """By the place of a pattern where it occurs, in order."""
        spans = {}
        for place in self._candidates(text):
            matches = self._patterns[place][2].finditer(text)
            if finds := [match.span() for match in islice(matches, MAX_MATCHES)]:
                spans[place] = finds
        return spans

    def _disguised_spans(self, text: str) -> dict[int, list[_Span]]:
        """The same of the plain form, told by places in the text."""
        plain = self._undisguiser.plain(text)
        if plain == text:
            return {}
        spans = self._spans(plain)
        if not spans:
            return {}
        origins = self._undisguiser.origins(text)
        return {place: [origins.span(*one) for one in finds] for place, finds in spans.items()}

    def _candidates(self, text: str) -> Sequence[int]:
        candidates = self._prefilter.candidates(text)
        # One pass tells whether any other occurs; on most posts none does.
        if self._unread and (self._any_unread is None or self._any_unread.search(text)):
            return (*candidates, *self._unread)
        return candidates


def _beside(written: Sequence[_Span], disguised: Iterable[_Span]) -> list[_Span]:
    """Of the disguised finds those that overlap none that was found as written: it is the same."""
    starts = [start for start, _ in written]
    return [
        (start, end)
        for start, end in disguised
        if not (before := bisect_left(starts, end)) or written[before - 1][1] <= start
    ]


def _alternation(patterns: list[str]) -> Any | None:
    """All patterns as one, or ``None`` when they are too many for one program.

    RE2's own sets are not used: short of memory they report no match, where a single expression
    falls back to a slower but complete search.
    """
    options = quiet_options()
    options.max_mem = ALTERNATION_BYTES
    try:
        return re2.compile("|".join(f"(?:{pattern})" for pattern in patterns), options)
    except re2.error:
        return None


def compile_pattern(pattern: str) -> Any:
    """The pattern, compiled.

    Raises:
        ValueError: it is no RE2 expression, or matches the empty text.
    """
    try:
        compiled = re2.compile(pattern, quiet_options())
    except re2.error as error:
        reason = error.args[0] if error.args else error
        shown = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is no RE2 expression: {shown}") from error
    if compiled.search("") is not None:
        raise ValueError("matches the empty text, so it would match everywhere")
    return compiled


def quiet_options() -> Any:
    """RE2's defaults, without its log on standard error: errors are raised anyway."""
    options = re2.Options()
    options.log_errors = False
    return options

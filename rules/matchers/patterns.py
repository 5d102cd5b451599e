"""Pattern lists: RE2 expressions, matched in time linear in the text.

Patterns see the text as it was written. RE2 has no look-around and no back-references: that is what
makes a hostile text harmless. With thousands of patterns its automaton no longer fits its memory
(measured with 2,000: 2.9 ms a text of 300 characters), so Hyperscan first says which can occur
(1.1 µs), and RE2 finds their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Final

import re2

from rules.matchers.match import Match
from rules.matchers.prefilter import PatternPrefilter

MAX_MATCHES: Final = 100
"""Finds of one pattern that are counted; a post that is all matches needs no exact number."""

ALTERNATION_BYTES: Final = 256 << 20
"""Memory that RE2 may take for the patterns it searches together; it takes what they need. With its
default of 8 MiB, 2,000 patterns took a thousand times longer."""


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
        self._prefilter = PatternPrefilter([pattern for _, pattern, _ in self._patterns])
        unread = self._prefilter.unread
        self._unread = unread
        self._any_unread = _alternation([self._patterns[place][1] for place in unread])

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        found: dict[str, set[Match]] = {}
        for place in self._candidates(text):
            name, pattern, compiled = self._patterns[place]
            for match in islice(compiled.finditer(text), MAX_MATCHES):
                found.setdefault(name, set()).add(Match(match.start(), match.end(), pattern))
        return found

    def _candidates(self, text: str) -> Sequence[int]:
        candidates = self._prefilter.candidates(text)
        # One pass tells whether any other occurs; on most posts none does.
        if self._unread and (self._any_unread is None or self._any_unread.search(text)):
            return (*candidates, *self._unread)
        return candidates


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

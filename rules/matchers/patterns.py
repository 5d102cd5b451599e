"""Pattern lists: RE2 expressions, matched in time linear in the text.

Patterns see the text as it was written. RE2 has no look-around and no back-references: that is what
makes a hostile text harmless.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import re2

from rules.matchers.match import Match

MAX_MATCHES: Final = 100
"""Finds of one pattern that are counted; a post that is all matches needs no exact number."""


class PatternMatcher:
    """Finds the patterns of all lists in a text. Safe to share between threads."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        """Compile the patterns.

        Raises:
            ValueError: a pattern is no RE2 expression, or matches the empty text.
        """
        self._patterns: list[tuple[str, str, Any]] = []
        self._set = re2.Set.SearchSet(quiet_options())
        for name, patterns in lists.items():
            for pattern in patterns:
                self._patterns.append((name, pattern, compile_pattern(pattern)))
                self._set.Add(pattern)
        if self._patterns:
            self._set.Compile()

    def find(self, text: str) -> dict[str, set[Match]]:
        """What each list has in the text; lists without a find are absent."""
        found: dict[str, set[Match]] = {}
        if not self._patterns or not text:
            return found
        # One pass tells which patterns occur at all; only those are run to learn where.
        for index in self._set.Match(text):
            name, pattern, compiled = self._patterns[index]
            matches = found.setdefault(name, set())
            for count, match in enumerate(compiled.finditer(text)):
                if count == MAX_MATCHES:
                    break
                matches.add(Match(match.start(), match.end(), pattern))
        return found


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

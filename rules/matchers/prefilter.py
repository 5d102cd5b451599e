r"""Which of thousands of patterns can occur in a text at all, told in one pass by Hyperscan.

RE2 alone says what a pattern finds; Hyperscan only spares it the patterns that cannot find
anything. So a pattern takes part only when it is written in what both engines read alike, or where
Hyperscan would find more ("\s" also a vertical tab, "$" also before a last line break). All others
are named in :attr:`PatternPrefilter.unread` and stay with RE2.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Final

import hyperscan

_FLAGS: Final = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SINGLEMATCH

_ESCAPED: Final = r"\\(?:[dwsbntr]|[^A-Za-z0-9\s])"
_CLASS: Final = rf"\[(?:[^\[\]\\^]|{_ESCAPED})(?:[^\[\]\\]|{_ESCAPED})*\]"
_NEGATED_CLASS: Final = r"\[\^(?:[^\[\]\\]|\\(?:[dwntr]|[^A-Za-z0-9\s]))+\]"
_QUANTIFIER: Final = r"(?:[*+?]|\{\d+(?:,\d*)?\})\??"
_READ_ALIKE: Final = re.compile(
    rf"(?:\(\?i\))?(?:[^\\\[\](){{}}*+?]|{_ESCAPED}|{_CLASS}|{_NEGATED_CLASS}|\((?:\?:)?|\)"
    rf"|{_QUANTIFIER})+"
)
"""Patterns of literals, classes, groups and counts. Each alternative begins with another character,
so the check runs in linear time."""


class PatternPrefilter:
    """Names the patterns that may occur in a text. Safe to share between threads."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile what Hyperscan reads as RE2 does.

        Args:
            patterns: RE2 expressions; they are named by their place in this sequence.
        """
        alike = [place for place, pattern in enumerate(patterns) if _reads_alike(pattern)]
        read, self._database = _compile(patterns, alike)
        self.unread = tuple(sorted(set(range(len(patterns))) - set(read)))
        """Places of the patterns it says nothing about."""
        self._own = threading.local()

    def candidates(self, text: str) -> list[int]:
        """Places of the patterns that may occur in the text, in order, :attr:`unread` left out."""
        if self._database is None:
            return []
        seen: list[int] = []
        self._database.scan(
            text.encode(),
            match_event_handler=lambda place, *_: seen.append(place),
            scratch=self._scratch(self._database),
        )
        return sorted(seen)

    def _scratch(self, database: hyperscan.Database) -> hyperscan.Scratch:
        # Hyperscan's working memory must not be used by two threads at once.
        scratch: hyperscan.Scratch | None = getattr(self._own, "scratch", None)
        if scratch is None:
            scratch = self._own.scratch = hyperscan.Scratch(database)
        return scratch


def _reads_alike(pattern: str) -> bool:
    if _READ_ALIKE.fullmatch(pattern) is None:
        return False
    # Unicode's case pairs are each engine's own matter: RE2's caseless "\w" also takes the long s
    # and the Kelvin sign, and what a class excludes could hide a find.
    caseless = pattern.startswith("(?i)")
    return not (caseless and (not pattern.isascii() or "[^" in pattern or r"\w" in pattern))


def _compile(
    patterns: Sequence[str], places: list[int]
) -> tuple[list[int], hyperscan.Database | None]:
    """A database of the patterns at these places, less those that Hyperscan refuses."""
    while places:
        database = hyperscan.Database()
        try:
            database.compile(
                expressions=[patterns[place].encode() for place in places],
                ids=places,
                flags=_FLAGS,
            )
        except hyperscan.HyperscanError:
            places = [place for place in places if _compiles(patterns[place])]
            continue
        return places, database
    return [], None


def _compiles(pattern: str) -> bool:
    try:
        hyperscan.Database().compile(expressions=[pattern.encode()], ids=[0], flags=_FLAGS)
    except hyperscan.HyperscanError:
        return False
    return True

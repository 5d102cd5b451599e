"""Leetspeak: digits and signs that stand for letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from rules.matchers.folding import SILENT

FULL_WIDTH_OFFSET: Final = 0xFEE0
"""From an ASCII sign to its full-width form (Unicode block FF00)."""

_LETTERS: Final = {
    "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e",
    "¢": "c",
}  # fmt: skip
_INNER: Final = {"!": "i", "|": "l", "+": "t"}
"""Letters only inside a word: at its end they are what they seem."""


def _with_wide(letters: dict[str, str]) -> dict[str, str]:
    """The substitutions, also for the full-width forms of the signs."""
    wide = {chr(ord(c) + FULL_WIDTH_OFFSET): read for c, read in letters.items() if c.isascii()}
    return letters | wide


_ONE_AS_I: Final = _with_wide(_LETTERS | {"1": "i"})
_ONE_AS_L: Final = _with_wide(_LETTERS | {"1": "l"})
_INNER_READ: Final = _with_wide(_INNER)
_ASCII_SIGNS: Final = "".join(c for c in _ONE_AS_I | _INNER_READ if c.isascii()).encode()

# Fixed expressions without nested repetition: linear time on any text.
_SIGN: Final = re.escape("".join(_ONE_AS_I))
_INNER_SIGN: Final = re.escape("".join(_INNER_READ))
_LETTER: Final = r"[^\W\d_]"
_IN_WORD: Final = re.compile(
    # At most three, so that a row of exclamation marks costs linear time.
    f"[{_INNER_SIGN}](?=[{SILENT}{_INNER_SIGN}]{{0,3}}(?:{_LETTER}|[{_SIGN}]))"
)
_SIGNS: Final = re.compile(f"[{_SIGN}]")
_ANY_SIGN: Final = f"[{_SIGN}{_INNER_SIGN}]"
_ANY_SIGN_SEARCH: Final = re.compile(_ANY_SIGN)
_BESIDE_A_LETTER: Final = re.compile(
    # The sign comes first, so that the search leaps from sign to sign.
    f"{_ANY_SIGN}(?:(?=[{SILENT}]*{_LETTER})|(?<=(?:{_LETTER}|[{SILENT}]){_ANY_SIGN}))"
)
"""Elsewhere a digit is a digit."""


def has_leet(text: str) -> bool:
    """Whether a sign of leetspeak stands beside a letter."""
    if text.isascii() and len(text.encode().translate(None, _ASCII_SIGNS)) == len(text):
        return False  # said twice as fast as by the search
    return _BESIDE_A_LETTER.search(text) is not None


def signed_stretches(text: str) -> Iterator[str]:
    """The parts between spaces that hold a sign of leetspeak."""
    end = 0
    for sign in _ANY_SIGN_SEARCH.finditer(text):
        if sign.start() < end:
            continue
        start = text.rfind(" ", end, sign.start()) + 1 or end
        end = text.find(" ", sign.end())
        end = len(text) if end < 0 else end
        yield text[start:end]


def leet_readings(text: str) -> tuple[str, ...]:
    """The text with its leetspeak read out: 1 once as i and once as l.

    A reading has the length of the text, so places in it are places in the text.
    """
    inner = _IN_WORD.sub(lambda sign: _INNER_READ[sign[0]], text)
    as_i = _SIGNS.sub(lambda sign: _ONE_AS_I[sign[0]], inner)
    as_l = _SIGNS.sub(lambda sign: _ONE_AS_L[sign[0]], inner)
    return (as_i,) if as_i == as_l else (as_i, as_l)

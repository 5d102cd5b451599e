"""Leetspeak: digits and signs that stand for letters."""

from __future__ import annotations

import re
from typing import Final

_LETTERS: Final = {
    "0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s", "€": "e",
    "¢": "c",
}  # fmt: skip
_ONE_AS_I: Final = str.maketrans(_LETTERS | {"1": "i"})
_ONE_AS_L: Final = str.maketrans(_LETTERS | {"1": "l"})

_INNER: Final = {"!": "i", "|": "l", "+": "t"}
"""Letters only inside a word: at its end they are what they seem."""
_INNER_SIGN: Final = re.compile(r"[!|+](?=[^\W_])")

_BESIDE_A_LETTER: Final = re.compile(r"[^\W\d_][0134578@$€¢!|+]|[0134578@$€¢!|+][^\W\d_]")
"""Elsewhere a digit is a digit."""


def leet_readings(text: str) -> tuple[str, ...]:
    """The text with its leetspeak read out: 1 once as i and once as l.

    Empty when no sign of leetspeak stands beside a letter. A reading has the length of the text,
    so places in it are places in the text.
    """
    if _BESIDE_A_LETTER.search(text) is None:
        return ()
    inner = _INNER_SIGN.sub(lambda sign: _INNER[sign[0]], text)
    as_i = inner.translate(_ONE_AS_I)
    as_l = inner.translate(_ONE_AS_L)
    return (as_i,) if as_i == as_l else (as_i, as_l)

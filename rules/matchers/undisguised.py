"""Text with its disguised letters written plainly, as patterns read it a second time.

Compatibility forms, diacritics, look-alike letters, traditional Chinese and invisible characters
are undone one by one, as in :mod:`rules.matchers.folding`; case, digits and punctuation, which
patterns ask for, stay.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

from rules.matchers.folding import plain_forms
from rules.matchers.hanzi import simplified
from rules.matchers.lookalikes import LOOKALIKES

_ASCII_CODES: Final = 128

_BEYOND_ASCII: Final = re.compile("[^\\x00-\\x7f]+")  # a fixed expression, linear on any text


class Undisguiser:
    """Writes texts plainly. Keeps what it learned about characters, so share one."""

    def __init__(self) -> None:
        self._table = _PlainTable()

    def plain(self, text: str) -> str:
        """The text with every letter as what it passes for."""
        return _BEYOND_ASCII.sub(self._plain_run, text)

    def origins(self, text: str) -> PlainOrigins:
        """Where the characters of the plain text come from."""
        return PlainOrigins(list(accumulate(len(self._table[ord(char)]) for char in text)))

    def _plain_run(self, run: re.Match[str]) -> str:
        return run[0].translate(self._table)


class PlainOrigins:
    """Tells where in a text a stretch of its plain form stands.

    Args:
        totals: for each character of the text, how many plain ones come from all up to it.
    """

    def __init__(self, totals: Sequence[int]) -> None:
        self._totals = totals

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the text that ``plain[start:end]`` came from."""
        first = bisect_right(self._totals, start)
        return (first, first) if start == end else (first, bisect_right(self._totals, end - 1) + 1)


class _PlainTable(dict[int, str]):
    """Code point -> its plain text, filled as characters are met (for ``str.translate``)."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = simplified()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        plain = self[code] = (
            char
            if code < _ASCII_CODES
            else "".join(
                _latin(self._simplified.get(one, one))
                for one in plain_forms(self._simplified.get(char, char))
            )
        )
        return plain


def _latin(char: str) -> str:
    """The Latin letter that the character passes for, in its own case."""
    if char in LOOKALIKES:
        return LOOKALIKES[char]
    lower = char.lower()
    return LOOKALIKES[lower].upper() if lower in LOOKALIKES else char

"""Text brought to one form, so that a phrase is found however it is dressed up.

Each character is folded on its own: compatibility form (NFKC), case, diacritics, look-alike letters
of other scripts, traditional Chinese, invisible characters; punctuation becomes a space. Because
folding never looks at neighbours, it can be told where a folded character came from, and a match
can be shown in the original text (``origins``). Decomposed kana are the price: they are not
recomposed.

Words stand between single spaces, also at both ends. In scripts that put no spaces between words
each character is a word of its own, and so is an emoji. A phrase is folded the same way, so it is
found only as whole words, and the search needs no look at what surrounds a find.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Final

from rules.matchers.hanzi import simplified
from rules.matchers.lookalikes import LOOKALIKES

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff"
    "\u3100-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
"""Scripts that put no reliable spaces between words, as the inside of a character class: Han, kana,
bopomofo, Hangul (whose particles cling to the word), Thai, Lao, Khmer, Burmese."""

SILENT: Final = (
    "\u00ad\u0300-\u036f\u061c\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u202a-\u202e\u2060-\u2069"
    "\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\ufeff"
)
"""Characters that fold to nothing and are common inside disguised words, for a character class."""

_UNSPACED_CHAR: Final = re.compile(f"[{UNSPACED}]")

_DIACRITICS: Final = (
    (0x0300, 0x036F),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE2F),  # variation selectors and combining half marks
    (0xE0100, 0xE01EF),
)
"""Marks that decorate a letter. Vowel signs of other scripts are letters to their readers."""

_FILLERS: Final = frozenset("\u115f\u1160\u3164\uffa0\u17b4\u17b5")
"""Letters by name that show nothing."""

_KEPT_SYMBOLS: Final = frozenset({"So"})
"""Emoji stay, so that a list can name them; other signs separate words."""

_ASCII_CODES: Final = 128
_BYTES: Final = 256

# Fixed expressions without nested repetition: they run in linear time on any text.
_BEYOND_ASCII: Final = re.compile("[^\\x00-\\x7f]+")


class Folder:
    """Folds text. Keeps what it learned about characters, so share one."""

    def __init__(self) -> None:
        self._table = _FoldTable()
        self._counts = _Counts(self._table)
        # A character of ASCII folds to one of ASCII, so its byte can be replaced, which is quick.
        # All others are folded before, and their bytes stay.
        ascii_bytes = "".join(map(self._table.__getitem__, range(_ASCII_CODES))).encode()
        self._bytes = ascii_bytes + bytes(range(_ASCII_CODES, _BYTES))
        self._letters = bytes(byte != ord(" ") for byte in self._bytes)

    def fold(self, text: str) -> str:
        """The text folded, in a few passes of native code."""
        if not text.isascii():
            text = _BEYOND_ASCII.sub(self._fold_run, text)
        words = text.encode().translate(self._bytes).split()
        return f" {b' '.join(words).decode()} " if words else " "

    def origins(self, text: str) -> Origins:
        """Where the characters of the folded text come from."""
        counts: Iterable[int] = (
            text.encode().translate(self._letters)
            if text.isascii()
            else map(self._counts.__getitem__, text)
        )
        return Origins(list(accumulate(counts)))

    def _fold_run(self, run: re.Match[str]) -> str:
        return run[0].translate(self._table)


class Origins:
    """Tells where in a text its folded characters stand.

    Spaces, which folding joins, are no help: characters are counted without them.

    Args:
        totals: for each character of the text, how many folded ones come from all up to it.
    """

    def __init__(self, totals: Sequence[int]) -> None:
        self._totals = totals

    def span(self, folded: str, start: int, end: int) -> tuple[int, int]:
        """The span of the text that ``folded[start:end]``, with no space at its ends, came from."""
        first = start - folded.count(" ", 0, start)
        last = end - 1 - folded.count(" ", 0, end)
        return bisect_right(self._totals, first), bisect_right(self._totals, last) + 1


class _FoldTable(dict[int, str]):
    """Code point -> its folded text, filled as characters are met (for ``str.translate``)."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = simplified()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = self[code] = _fold_char(self._simplified.get(char, char), self._simplified)
        return folded


class _Counts(dict[str, int]):
    """Character -> how many characters it folds to, spaces left out."""

    def __init__(self, table: _FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, char: str) -> int:
        folded = self._table[ord(char)]
        count = self[char] = len(folded) - folded.count(" ")
        return count


def _fold_char(char: str, simpler: Mapping[str, str]) -> str:
    return "".join(_fold_plain(simpler.get(c, c)) for c in plain_forms(char).casefold())


def plain_forms(char: str) -> str:
    """The compatibility form (NFKC) of a character, bare of diacritics; nothing if invisible."""
    if char in _FILLERS or unicodedata.category(char) == "Cf":
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not _is_diacritic(c))
    return unicodedata.normalize("NFKC", plain)


def _fold_plain(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in _KEPT_SYMBOLS or _UNSPACED_CHAR.match(char):
        return f" {char} "
    return LOOKALIKES.get(char, char) if kind[0] in "LNM" or char in LOOKALIKES else " "


def _is_diacritic(char: str) -> bool:
    code = ord(char)
    return any(low <= code <= high for low, high in _DIACRITICS)

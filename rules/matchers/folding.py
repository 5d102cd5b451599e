"""Text brought to one form, so that a phrase is found however it is dressed up.

Each character is folded on its own: compatibility form (NFKC), case, diacritics, look-alike letters
of other scripts, traditional Chinese, invisible characters; punctuation becomes a space. Because
folding never looks at neighbours, every folded character knows the one it came from, and a match
can be shown in the original text. Decomposed kana are the price: they are not recomposed.

Words stand between single spaces, also at both ends. In scripts that put no spaces between words
each character is a word of its own, and so is an emoji. A phrase is folded the same way, so it is
found only as whole words, and the search needs no look at what surrounds a find.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
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

STRETCHED: Final = 3
"""Equal letters in a row from which a run is taken as drawn out: no language writes three."""

# Fixed expressions without nested repetition: they run in linear time on any text.
_UNSPACED_CHAR: Final = re.compile(f"[{UNSPACED}]")
_SPACES: Final = re.compile("  +")
_STRETCH: Final = re.compile(rf"(\S)\1\1|([{UNSPACED}]) \2 \2")
_ASCII_STRETCH: Final = re.compile(r"([a-z0-9])\1\1")
_RUN: Final = re.compile(rf"([{UNSPACED}])(?: \1)+|(\S)\2+")

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


@dataclass(frozen=True, slots=True)
class FoldedText:
    """Folded text whose characters know where they come from."""

    text: str
    starts: tuple[int, ...]
    """Of each folded character: where it begins in the original."""
    ends: tuple[int, ...]
    """And where it ends there, exclusive; past the whole run that it stands for."""
    runs: tuple[int, ...]
    """How many equal characters were squeezed into it."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that ``text[start:end]`` came from."""
        return self.starts[start], self.ends[end - 1]

    def squeezed(self) -> FoldedText:
        """Runs of one letter brought down to a single one, their lengths kept."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        runs: list[int] = []
        for char, first, after, length in _runs(self.text):
            pieces.append(char)
            starts.append(self.starts[first])
            ends.append(self.ends[after - 1])
            runs.append(length)
        return FoldedText("".join(pieces), tuple(starts), tuple(ends), tuple(runs))


class Folder:
    """Folds text. Keeps what it learned about characters, so share one."""

    def __init__(self) -> None:
        self._table = _FoldTable()

    def fold(self, text: str) -> str:
        """The text folded, in a few passes of native code."""
        folded = f" {text.translate(self._table)} "
        while "  " in folded:  # each pass halves a row of spaces
            folded = folded.replace("  ", " ")
        return folded

    def trace(self, text: str) -> FoldedText:
        """The same as :meth:`fold`, with the origin of each character."""
        if text.isascii():
            return self._trace_ascii(text)
        chars, origins = [" "], [0]
        for index, char in enumerate(text):
            for folded in self._table[ord(char)]:
                if folded != " " or chars[-1] != " ":
                    chars.append(folded)
                    origins.append(index)
        if chars[-1] != " ":
            chars.append(" ")
            origins.append(max(0, len(text) - 1))
        return _unsqueezed("".join(chars), origins)

    def _trace_ascii(self, text: str) -> FoldedText:
        """ASCII folds one to one, so only joined spaces shift what follows."""
        padded = f" {text.translate(self._table)} "
        places = (0, *range(len(text)), max(0, len(text) - 1))
        origins: list[int] = []
        place = 0
        for spaces in _SPACES.finditer(padded):
            origins += places[place : spaces.start() + 1]
            place = spaces.end()
        origins += places[place:]
        return _unsqueezed(_SPACES.sub(" ", padded), origins)


def _unsqueezed(text: str, origins: list[int]) -> FoldedText:
    return FoldedText(text, tuple(origins), tuple(at + 1 for at in origins), (1,) * len(origins))


def is_stretched(folded: str) -> bool:
    """Whether the folded text has a letter three times in a row."""
    stretch = _ASCII_STRETCH if folded.isascii() else _STRETCH
    return stretch.search(folded) is not None


def squeeze(folded: str) -> str:
    """Folded text with each run of a letter brought down to one."""
    return _RUN.sub(_single, folded)


class _FoldTable(dict[int, str]):
    """Code point -> its folded text, filled as characters are met (for ``str.translate``)."""

    def __init__(self) -> None:
        super().__init__()
        self._simplified = simplified()

    def __missing__(self, code: int) -> str:
        char = chr(code)
        folded = self[code] = _fold_char(self._simplified.get(char, char), self._simplified)
        return folded


def _single(run: re.Match[str]) -> str:
    return run[1] or run[2]


def _runs(text: str) -> list[tuple[str, int, int, int]]:
    """Each character that squeezing leaves: itself, its span, how many it stands for."""
    runs = []
    place = 0
    for match in _RUN.finditer(text):
        runs += [(text[at], at, at + 1, 1) for at in range(place, match.start())]
        char, place = _single(match), match.end()
        runs.append((char, match.start(), place, match[0].count(char)))
    return runs + [(text[at], at, at + 1, 1) for at in range(place, len(text))]


def _fold_char(char: str, simpler: Mapping[str, str]) -> str:
    if char in _FILLERS or unicodedata.category(char) == "Cf":
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not _is_diacritic(c))
    folded = unicodedata.normalize("NFKC", plain).casefold()
    return "".join(_fold_plain(simpler.get(c, c)) for c in folded)


def _fold_plain(char: str) -> str:
    kind = unicodedata.category(char)
    if kind in _KEPT_SYMBOLS or _UNSPACED_CHAR.match(char):
        return f" {char} "
    return LOOKALIKES.get(char, char) if kind[0] in "LNM" or char in LOOKALIKES else " "


def _is_diacritic(char: str) -> bool:
    code = ord(char)
    return any(low <= code <= high for low, high in _DIACRITICS)

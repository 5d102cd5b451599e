"""Text brought to one form, so that a phrase is found however it is dressed up.

Each character is folded on its own: compatibility form (NFKC), case, diacritics, look-alike letters
of other scripts, invisible characters; punctuation becomes a space. Because folding never looks at
neighbours, every folded character knows the one it came from, and a match can be shown in the
original text. Decomposed kana are the price: they are not recomposed.

Runs of one character are squeezed to a single one (which also joins spaces), and spaces are dropped
inside scripts that put none between words. How long each run was is kept apart, for
:mod:`rules.matchers.phrases`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

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
# Fixed expressions without nested repetition: they run in linear time on any text.
_SPACES_IN_UNSPACED: Final = re.compile(f"(?<=[{UNSPACED}]) +(?=[{UNSPACED}])")
_RUN: Final = re.compile(r"(.)\1+", re.DOTALL)

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


class _FoldTable(dict[int, str]):
    """Code point -> its folded text, filled as characters are met (for ``str.translate``)."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_char(chr(code))
        return folded


class Folder:
    """Folds text. Keeps what it learned about characters, so share one."""

    def __init__(self) -> None:
        self._table = _FoldTable()

    def fold(self, text: str) -> str:
        """The text folded and squeezed, in a few passes of native code."""
        folded = text.translate(self._table)
        if not folded.isascii():
            folded = _SPACES_IN_UNSPACED.sub("", folded)
        return _RUN.sub(_single, folded)

    def trace(self, text: str) -> FoldedText:
        """The same as :meth:`fold`, with the origin and the run length of each character."""
        chars: list[str] = []
        origins: list[int] = []
        for index, char in enumerate(text):
            for folded in self._table[ord(char)]:
                chars.append(folded)
                origins.append(index)
        kept = _without_needless_spaces("".join(chars))
        squeezed: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        runs: list[int] = []
        for place in kept:
            if squeezed and squeezed[-1] == chars[place]:
                runs[-1] += 1
                ends[-1] = origins[place] + 1
            else:
                squeezed.append(chars[place])
                starts.append(origins[place])
                ends.append(origins[place] + 1)
                runs.append(1)
        return FoldedText("".join(squeezed), tuple(starts), tuple(ends), tuple(runs))


class FoldedText:
    """Folded text whose characters know where they come from."""

    __slots__ = ("ends", "runs", "starts", "text")

    def __init__(
        self, text: str, starts: tuple[int, ...], ends: tuple[int, ...], runs: tuple[int, ...]
    ) -> None:
        self.text = text
        self.starts = starts
        """Of each folded character: where it begins in the original."""
        self.ends = ends
        """And where it ends there, exclusive; past the whole run that it stands for."""
        self.runs = runs
        """How many equal characters were squeezed into it."""

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text that ``text[start:end]`` came from."""
        return self.starts[start], self.ends[end - 1]


def is_unspaced(char: str) -> bool:
    """Whether words in this character's script are written without reliable spaces."""
    return _UNSPACED_CHAR.match(char) is not None


def _single(run: re.Match[str]) -> str:
    return run[1]


def _without_needless_spaces(text: str) -> list[int]:
    """The places of the characters that stay when spaces in unspaced scripts go."""
    dropped: set[int] = set()
    for match in _SPACES_IN_UNSPACED.finditer(text):
        dropped.update(range(*match.span()))
    return [place for place in range(len(text)) if place not in dropped]


def _fold_char(char: str) -> str:
    if char in _FILLERS or unicodedata.category(char) == "Cf":
        return ""
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not _is_diacritic(c))
    folded = unicodedata.normalize("NFKC", plain).casefold()
    return "".join(LOOKALIKES.get(c, c) if _is_content(c) else " " for c in folded)


def _is_content(char: str) -> bool:
    kind = unicodedata.category(char)
    return kind[0] in "LNM" or kind in _KEPT_SYMBOLS


def _is_diacritic(char: str) -> bool:
    code = ord(char)
    return any(low <= code <= high for low, high in _DIACRITICS)

"""The interface's languages: English in the code and templates, Chinese from a catalogue.

``catalogues/zh.json`` has the Chinese by the English; of sentences that say why something was
refused, see ``refusals``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from fastapi import Request

CATALOGUES_DIR: Final = Path(__file__).parent / "catalogues"
COOKIE: Final = "review-language"


class Language(StrEnum):
    """What a page can be read in."""

    ENGLISH = "en"
    CHINESE = "zh"


NATIVE_NAMES: Final = {Language.ENGLISH: "English", Language.CHINESE: "中文"}
PAGE_TAGS: Final = {Language.ENGLISH: "en", Language.CHINESE: "zh-Hans"}
"""For the ``lang`` of a page (BCP 47)."""


class Translate(Protocol):
    """Says an English sentence in the reader's language; fields in braces are filled in."""

    def __call__(self, english: str, /, **fields: object) -> str:
        """The sentence; in English where the catalogue lacks it."""


@cache
def catalogue(language: Language) -> Mapping[str, str]:
    """What is said in the language, by its English."""
    if language is Language.ENGLISH:
        return {}
    written = (CATALOGUES_DIR / f"{language}.json").read_text(encoding="utf-8")
    said: dict[str, str] = json.loads(written)
    return said


def translator(language: Language) -> Translate:
    """The function that pages of this language speak through."""
    sentences = catalogue(language)

    def translate(english: str, /, **fields: object) -> str:
        said = sentences.get(english, english)
        return said.format(**fields) if fields else said

    return translate


english: Final = translator(Language.ENGLISH)


def language_of(request: Request) -> Language:
    """What the reader chose, or else the first that the browser asks for and we speak."""
    chosen = request.cookies.get(COOKIE)
    if chosen in set(Language):
        return Language(chosen)
    for wish in request.headers.get("Accept-Language", "").split(","):
        primary = wish.split(";")[0].strip().split("-")[0].lower()
        if primary in set(Language):
            return Language(primary)
    return Language.ENGLISH

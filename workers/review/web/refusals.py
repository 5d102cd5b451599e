"""Sentences that say why something was refused, in the reader's language.

They are written where the refusal is, in English, with what was asked for in them. So a sentence is
recognised by its words around the values, and said again with the same values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Final

from fastapi import Request

from workers.review.web.languages import (
    CATALOGUES_DIR,
    Language,
    catalogue,
    language_of,
)

PLACE: Final = re.compile(r"\\\{\d\\\}")
"""Of a value in an escaped sentence: ``\\{0\\}``."""


def refusals(request: Request) -> Callable[[str], str]:
    """What says refusals in the language of whoever asks."""
    language = language_of(request)
    return lambda english: refusal(english, language)


def refusal(english: str, language: Language) -> str:
    """The sentence in the language, and values that are sentences, too; as it is if not ours."""
    if language is Language.ENGLISH:
        return english
    whole = refusal_catalogue(language).get(english) or catalogue(language).get(english)
    if whole is not None:
        return whole
    for shape, said in _shapes(language):
        found = shape.fullmatch(english)
        if found is not None:
            return said.format(*(refusal(value, language) for value in found.groups()))
    return english


@cache
def refusal_catalogue(language: Language) -> Mapping[str, str]:
    """What is said in the language, by its English with ``{0}``, ``{1}``, … for values."""
    written = (CATALOGUES_DIR / f"{language}-refusals.json").read_text(encoding="utf-8")
    said: dict[str, str] = json.loads(written)
    return said


@cache
def _shapes(language: Language) -> list[tuple[re.Pattern[str], str]]:
    """Those with values, the longest first: it says most of what it is."""
    return [
        (re.compile(PLACE.sub("(.*?)", re.escape(english)), re.DOTALL), said)
        for english, said in sorted(refusal_catalogue(language).items(), key=lambda it: -len(it[0]))
        if "{0}" in english
    ]

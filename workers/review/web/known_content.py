"""What banks of known content recognised in a post, and what the reviewer says of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import FormData

from schemas import BankFind, BankPart, BankWord, Verdict
from workers.review.errors import BadRequestError
from workers.review.web.languages import Translate, english
from workers.review.web.security import text_field
from workers.review.web.words import label

KEYS: Final = (("y", "x"),)
"""Of the words *right* and *wrong*, for the first match; there is seldom a second."""

WORDS: Final = {"right": True, "wrong": False, "": None}


@dataclass(frozen=True, slots=True)
class KnownContent:
    """A match that the reviewer can confirm or deny."""

    field: str
    """Of the form."""
    bank: str
    entry: str
    what: str
    right_key: str | None
    wrong_key: str | None


def known_content(verdict: Verdict, t: Translate = english) -> list[KnownContent]:
    """The entries that banks recognised, each once."""
    shown = []
    for number, (bank, entry, find) in enumerate(entries(verdict)):
        right, wrong = KEYS[number] if number < len(KEYS) else (None, None)
        shown.append(KnownContent(f"match-{number}", bank, entry, _what(find, t), right, wrong))
    return shown


def bank_words(form: FormData, verdict: Verdict) -> tuple[BankWord, ...]:
    """What the form says of them; of most nothing, as a decision about the post needs no such word.

    Raises:
        BadRequestError: a word is none of ours.
    """
    words = []
    for number, (bank, entry, _) in enumerate(entries(verdict)):
        said = text_field(form, f"match-{number}", longest=8)
        if said not in WORDS:
            raise BadRequestError(f"{said!r} is no word on a match; choose right or wrong.")
        right = WORDS[said]
        if right is not None:
            words.append(BankWord(bank=bank, entry=entry, right=right))
    return tuple(words)


def checked_words(words: Sequence[BankWord], verdict: Verdict) -> tuple[BankWord, ...]:
    """Words on matches that a program said.

    Raises:
        BadRequestError: one is about no match of the verdict, or two are about the same.
    """
    matched = {(bank, entry) for bank, entry, _ in entries(verdict)}
    for word in words:
        if (word.bank, word.entry) not in matched:
            raise BadRequestError(
                f"{word.bank} / {word.entry} is no match of this item, or was spoken of twice."
            )
        matched.discard((word.bank, word.entry))
    return tuple(words)


def entries(verdict: Verdict) -> Iterator[tuple[str, str, BankFind]]:
    """Of each entry that was recognised its bank, its id and its nearest find, in a fixed order."""
    matches = verdict.trace.bank_matches if verdict.trace else {}
    for bank in sorted(matches):
        seen = set()
        for find in sorted(matches[bank], key=lambda one: one.distance):
            if find.entry is not None and find.entry not in seen:
                seen.add(find.entry)
                yield bank, find.entry, find


def _what(find: BankFind, t: Translate) -> str:
    apart = t("distance {number}", number=f"{find.distance:.3g}")
    said = f"{_part(find, t)}: {apart if find.distance else t('an exact copy')}"
    return said + t(", an entry that floods") if find.quarantined else said


def _part(find: BankFind, t: Translate) -> str:
    if find.modality in {BankPart.TEXT, BankPart.POST}:
        return t({"text": "Text", "post": "Post"}[find.modality])
    return f"{t(label(find.modality))} {find.index + 1}"

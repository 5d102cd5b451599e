"""The rules that every public text goes through."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Final

MAX_CHARACTERS: Final = 4000  # of a text; the longest posts of forums are cut

_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MAIL: Final = re.compile(r"[\w.+-]+@(?=[\w-]+\.\w)")
_HANDLE: Final = re.compile(r"(?<![\w.])@\w+")
_REDDIT_USER: Final = re.compile(r"(?<!\w)/?u/[\w-]+")
_RETWEET: Final = re.compile(r"^\s*rt\b")
_LINK: Final = re.compile(r"https?://\S+|www\.\S+")
_PUNCTUATION: Final = re.compile(r"[^\w\U00002190-\U0001FAFF]|_")  # emoji stay: they carry meaning

_MINOR: Final = re.compile(
    r"\b(child\w*|kids?|minors?|under-?aged?|(pre)?teen\w*|school ?(girl|boy)s?|toddlers?|infants?|"
    r"bab(y|ies)|(little|young) (girl|boy)s?|1[0-7] ?(yo|y/o|years?[ -]olds?))\b|"
    r"儿童|孩|未成年|幼女|幼男|小学生|初中生|萝莉|正太",
    re.IGNORECASE,
)
_SEXUAL: Final = re.compile(
    r"\b(sex\w*|porn\w*|nudes?|naked|rap(e\w*|ing|ist\w*)|molest\w*|horny|fuck\w*|dicks?|cocks?|"
    r"puss(y|ies)|cum|tits?|blowjob\w*|masturbat\w*|incest\w*)\b|性侵|性交|性爱|裸|强奸|色情|猥亵",
    re.IGNORECASE,
)
_INTEREST_IN_MINORS: Final = re.compile(
    r"\bp(a?e|e)do(s|phil\w*)?\b|\blolicon\w*|恋童", re.IGNORECASE
)

ADULT_AGE: Final = 18
_AGE: Final = re.compile(
    r"\b(?:i'?m|i am|aged?|turn(?:ed|ing)?)\s+(?:only\s+|just\s+)?"
    r"(\d{1,2})\b(?!\s*(?:%|days|hours|min|st\b|th\b))|"
    r"\b(\d{1,2})\s*(?:yo|y/o|f|m|years?[ -]old)\b",
    re.IGNORECASE,
)
_SCHOOL_YEAR: Final = re.compile(
    r"\b(?:\d{1,2}(?:st|nd|rd|th) grade\w*|freshman|sophomore|(?:high|middle|junior high) ?school|"
    r"gcses?|year (?:[7-9]|1[0-3]))\b",
    re.IGNORECASE,
)


def clean(text: str) -> str:
    """Entities decoded, controls and runs of space gone, names of people masked, cut to length."""
    text = _CONTROL.sub("", html.unescape(text))
    text = _MAIL.sub("user@", text)
    text = _HANDLE.sub("@user", text)
    text = _REDDIT_USER.sub("u/user", text)
    return " ".join(text.split())[:MAX_CHARACTERS]


def duplicate_key(text: str) -> str:
    """What two copies of a text have in common: letters, digits and emoji, nothing else."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    folded = _RETWEET.sub("", _HANDLE.sub("", _LINK.sub("", folded)))
    return _PUNCTUATION.sub("", folded)


def sexualises_minors(text: str) -> bool:
    """Whether words for minors and sexual words meet. Such a text is dropped unseen."""
    return bool(_INTEREST_IN_MINORS.search(text) or (_MINOR.search(text) and _SEXUAL.search(text)))


def tells_of_a_minor(text: str) -> bool:
    """Whether its author gives an age under 18 or a year of school."""
    ages = (int(first or second) for first, second in _AGE.findall(text))
    return any(age < ADULT_AGE for age in ages) or bool(_SCHOOL_YEAR.search(text))

"""Links in a text: addresses with a scheme, and bare domains, also when they are disguised."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import re2

from rules.matchers.hosts import canonical_host, is_shortener, registrable

_ENDINGS: Final = (
    "com|net|org|info|biz|io|co|gg|tv|cc|ru|cn|uk|de|fr|es|nl|pl|br|jp|kr|eu|ca|au|app|dev|xyz|vip|"
    "icu|tk|ml|ga|cf|gq|ws|su|mobi|tel|ltd|ink|invalid|example|test"
)
"""Endings by which a bare ``name.ending`` is taken for a domain: common ones, cheap ones, and the
reserved ones of RFC 2606."""

_WORDY_ENDINGS: Final = (
    "me|ly|to|in|it|is|be|us|im|at|la|so|ai|gl|gd|sh|st|pw|pro|top|shop|store|online|site|club|"
    "live|link|click|win|bet|life|fun|space|website|work|loan"
)
"""Endings that are words, or that a missing space after a full stop makes ("fine.it is"): they need
a path after them. With a scheme or ``www.`` any ending will do."""

_DOT: Final = r"(?:\.|。|．|\s?\[\.\]\s?|\s?\(\.\)\s?|\s?\[dot\]\s?|\s?\(dot\)\s?)"
_LETTER: Final = r"0-9\p{Latin}\p{Cyrillic}\p{Greek}"
# No counted repetitions: RE2 writes them out, and its automaton would not fit its memory.
_LABEL: Final = rf"[{_LETTER}][{_LETTER}_-]*"
# Chinese puts no space around an address, so its letters never continue a Latin label.
_ANY_LABEL: Final = rf"(?:{_LABEL}|[\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Hangul}}]+)"

_LINK: Final = (
    r"(?i)(?:h(?:tt|xx)ps?|ftp)\s?(?:://|\[://\]|\[:\]//)(?:[^\s/@]*@)?"
    rf"(?P<host>{_ANY_LABEL}(?:{_DOT}{_ANY_LABEL})*)"
    rf"|\b(?P<www>www{_DOT}{_LABEL}(?:{_DOT}{_LABEL})+)"
    rf"|\b(?P<bare>(?:{_LABEL}{_DOT})+(?:{_ENDINGS}))\b"
    rf"|\b(?P<wordy>(?:{_LABEL}{_DOT})+(?:{_WORDY_ENDINGS}))/"
)
"""Anything like a link. RE2 runs it in linear time."""

_HINT: Final = re.compile(r"[.。．\[(:](?:(?<=[.。．])\S|(?<=[\[(])|(?<=:)//)")
"""Every link holds one of these: a dot that something follows, a bracket, or ``://``."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link at ``text[start:end]`` and where it leads."""

    start: int
    end: int
    host: str
    """In lower case and Unicode letters, without ``www.``."""
    domain: str
    """What was registered: ``example.co.uk`` of ``a.b.example.co.uk``; empty where nothing was."""
    shortener: bool
    """Whether the host only passes on to an address that the link does not show."""


class LinkFinder:
    """Finds links. Safe to share between threads."""

    def __init__(self) -> None:
        self._link = re2.compile(_LINK)
        self._dot = re2.compile(f"(?i){_DOT}")

    def find(self, text: str) -> tuple[Link, ...]:
        """The links in the text, in order."""
        if _HINT.search(text) is None:
            return ()  # as in many texts
        links = []
        for match in self._link.finditer(text):
            if match.start() and text[match.start() - 1] == "@":
                continue  # the domain of a mail address
            host = match["host"] or match["www"] or match["bare"] or match["wordy"]
            name = canonical_host(self._dot.sub(".", host))
            domain = registrable(name)
            links.append(Link(match.start(), match.end(), name, domain, is_shortener(name)))
        return tuple(links)

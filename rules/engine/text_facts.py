"""Facts about the words of a post: its text, and what was read in its pictures and sounds."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from cel_expr_python import cel

from rules.engine.fact import Fact, FactView
from rules.engine.scripts import SCRIPTS
from schemas import Modality

_INT: Final = cel.Type.INT
_DOUBLE: Final = cel.Type.DOUBLE
_STRING: Final = cel.Type.STRING
_STRINGS: Final = cel.Type.List(cel.Type.STRING)

_MENTION: Final = re.compile(r"(?<!\w)@\w")
_HASHTAG: Final = re.compile(r"(?<!\w)#\w")

_ASCII_CAPITALS: Final = string.ascii_uppercase.encode()
_NO_ASCII_LETTERS: Final = bytes(set(range(128)) - set(string.ascii_letters.encode()))

MEDIA_WORDS: Final[Mapping[str, Modality]] = {"images": Modality.IMAGE, "audio": Modality.AUDIO}
"""Whose words conditions ask for, by group of facts."""


def list_facts(lists: Iterable[str]) -> dict[str, Fact]:
    """What the lists of a policy find, in the text, in pictures and in sounds."""
    facts = {}
    for name in lists:
        facts[f"text.matches.{name}"] = Fact(
            _INT, f"matches of the list {name} in the text", _match_counter(name)
        )
        facts[f"text.entries.{name}"] = Fact(
            _STRINGS, f"entries of the list {name} that the text has", _entry_reader(name)
        )
        for group, modality in MEDIA_WORDS.items():
            facts[f"{group}.matches.{name}"] = Fact(
                _INT,
                f"matches of the list {name} in the words of {group}; unknown where nobody reads",
                _found_counter(name, modality),
            )
    return facts


def media_lists(facts: Iterable[str]) -> dict[Modality, tuple[str, ...]]:
    """The lists that these facts count in the words of pictures and of sounds."""
    named = sorted(facts)
    return {
        modality: tuple(_names_below(f"{group}.matches.", named))
        for group, modality in MEDIA_WORDS.items()
    }


def _names_below(prefix: str, facts: Iterable[str]) -> Iterator[str]:
    return (fact.removeprefix(prefix) for fact in facts if fact.startswith(prefix))


def _match_counter(name: str) -> Callable[[FactView], object]:
    return lambda view: len(view.matches[name])


def _entry_reader(name: str) -> Callable[[FactView], object]:
    return lambda view: sorted({match.entry for match in view.matches[name]})


def _found_counter(name: str, modality: Modality) -> Callable[[FactView], object | None]:
    return lambda view: view.found_count(modality, name)


def _script_reader(script: str) -> Callable[[FactView], object]:
    return lambda view: view.scripts[script]


def _count(mark: str, pattern: re.Pattern[str]) -> Callable[[FactView], object]:
    # Most texts have no such mark at all.
    return lambda view: len(pattern.findall(view.text)) if mark in view.text else 0


def _uppercase(view: FactView) -> float:
    if view.text.isascii():
        letters = view.text.encode().translate(None, _NO_ASCII_LETTERS)
        lower = len(letters.translate(None, _ASCII_CAPITALS))
        return (len(letters) - lower) / len(letters) if letters else 0.0
    capitals = sum(map(str.isupper, view.text))
    cased = capitals + sum(map(str.islower, view.text))
    return capitals / cased if cased else 0.0


TEXT_FACTS: Final[Mapping[str, Fact]] = {
    "text.length": Fact(_INT, "characters", lambda v: len(v.text)),
    "text.words": Fact(_INT, "words between spaces", lambda v: len(v.text.split())),
    "text.language": Fact(
        _STRING,
        "the language of post.language alone: zh for zh-Hant-TW, or ''",
        lambda v: (v.case.post.language or "").partition("-")[0].lower(),
    ),
    "text.uppercase": Fact(_DOUBLE, "share of capitals in the cased letters", _uppercase),
    "text.mentions": Fact(_INT, "people addressed by @", _count("@", _MENTION)),
    "text.hashtags": Fact(_INT, "topics named by #", _count("#", _HASHTAG)),
    "text.scripts": Fact(
        _INT, "scripts in the text", lambda v: sum(share > 0.0 for share in v.scripts.values())
    ),
    "text.links": Fact(_INT, "links in the text", lambda v: len(v.links)),
    "text.urls": Fact(
        _STRINGS,
        "links as they stand in the text",
        lambda v: [v.text[link.start : link.end] for link in v.links],
    ),
    "text.domains": Fact(
        _STRINGS, "distinct hosts linked to", lambda v: sorted({link.host for link in v.links})
    ),
    "text.registered_domains": Fact(
        _STRINGS,
        "distinct domains that were registered: example.co.uk of a.b.example.co.uk",
        lambda v: sorted({link.domain for link in v.links if link.domain}),
    ),
    "text.short_links": Fact(
        _INT,
        "links on well-known shorteners, which hide where they lead",
        lambda v: sum(link.shortener for link in v.links),
    ),
    "text.near_duplicates": Fact(
        _INT,
        "like posts seen lately; unknown where nobody counts",
        lambda v: v.case.near_duplicates,
    ),
    "images.read": Fact(
        cel.Type.BOOL,
        "whether the words of any picture were read",
        lambda v: v.was_read(Modality.IMAGE),
    ),
    "audio.read": Fact(
        cel.Type.BOOL,
        "whether the words of any sound were written down",
        lambda v: v.was_read(Modality.AUDIO),
    ),
    "images.text": Fact(
        _STRING,
        "words read in the pictures; unknown where nobody reads them",
        lambda v: v.found_text(Modality.IMAGE),
    ),
    "audio.text": Fact(
        _STRING,
        "words heard in the sounds; unknown where nobody writes them down",
        lambda v: v.found_text(Modality.AUDIO),
    ),
    **{
        f"text.script.{script}": Fact(
            _DOUBLE, f"share of {script} letters in the letters", _script_reader(script)
        )
        for script in SCRIPTS
    },
}
"""The facts about words that every policy has."""

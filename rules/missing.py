"""What a record may lack that was perhaps known when its post was judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from rules.decision import Case
from rules.engine import Policy

_LACKS: Final[Mapping[str, Callable[[Case], bool]]] = {
    "author signals": lambda case: case.author is None,
    "mismatch": lambda case: not case.mismatch and _kinds_of_content(case) > 1,
    "finds in pictures and sounds": lambda case: (
        not (case.found_texts or case.found_matches) and _has_media(case)
    ),
    "words in pictures and sounds": lambda case: not case.found_texts and _has_media(case),
    "bank matches": lambda case: not case.bank_matches,
    "near-duplicates": lambda case: case.near_duplicates is None,
}


def missing_from(case: Case) -> Iterator[str]:
    """What is not known of the case."""
    return (name for name, lacks in _LACKS.items() if lacks(case))


def asking_for(missing: str, policy: Policy) -> tuple[str, ...]:
    """The rules and banks of a policy, by name, that may speak differently for want of it."""
    rules = {
        rule.settings.id
        for rule in policy.rules
        if rule.settings.mode != "off"
        and any(missing in _needed_by(fact) for fact in rule.condition.facts)
    }
    banks = policy.document.banks if missing == "bank matches" else ()
    return tuple(sorted({*rules, *banks}))


def _needed_by(fact: str) -> tuple[str, ...]:
    """What must be known for a fact to be right."""
    group, _, rest = fact.partition(".")
    kind = rest.partition(".")[0]
    if group == "author":
        return ("author signals",)
    if group == "mismatch":
        return ("mismatch",)
    if kind in {"bank", "bank_distances"}:
        return ("bank matches",)
    if group in {"images", "audio"} and kind in {"read", "text", "matches"}:
        # How often a list was found may be known, but only as the list was then.
        finds, words = "finds in pictures and sounds", "words in pictures and sounds"
        return {"read": (finds,), "text": (words,), "matches": (finds, words)}[kind]
    return ("near-duplicates",) if fact == "text.near_duplicates" else ()


def _has_media(case: Case) -> bool:
    return bool(case.post.images or case.post.audio)


def _kinds_of_content(case: Case) -> int:
    return sum(map(bool, (case.post.text, case.post.images, case.post.audio)))

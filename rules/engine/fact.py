"""A fact: one thing that conditions can name, with its type, its meaning, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from rules.decision import Case
from rules.engine.scripts import script_shares
from rules.matchers import Link, Match, TextScanner
from schemas import Media, Modality


class FactView:
    """A case as conditions see it; what is costly is computed once, when first asked for."""

    def __init__(self, case: Case, scanner: TextScanner) -> None:
        self.case = case
        self._scanner = scanner
        self._in_found_texts: dict[Modality, Mapping[str, Sequence[Match]]] = {}

    @property
    def utc(self) -> datetime:
        """The moment of the decision by the clocks of UTC."""
        return self.case.now.astimezone(UTC)

    @cached_property
    def text(self) -> str:
        """The post's text, empty when it has none."""
        return self.case.post.text or ""

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The links in the text, in order, with repetitions."""
        return self._scanner.links(self.text)

    @cached_property
    def matches(self) -> Mapping[str, Sequence[Match]]:
        """What each list of the policy finds in the text, in order of place."""
        return self._scanner.matches(self.text, self.links)

    @cached_property
    def scripts(self) -> Mapping[str, float]:
        """The share of each script in the letters of the text."""
        return script_shares(self.text)

    def found_text(self, modality: Modality) -> str | None:
        """The words read in pictures or heard in sounds, a line a medium.

        ``None`` where there are media and none of them was read.
        """
        post = self.case.post
        media: Sequence[Media] = post.images if modality is Modality.IMAGE else post.audio
        found = [one.text for one in self.case.found_texts if one.modality is modality]
        return "\n".join(filter(None, found)) if found or not media else None

    def was_read(self, modality: Modality) -> bool:
        """Whether the words of any such medium were read."""
        case = self.case
        read = any(one.modality is modality for one in case.found_texts)
        return read or modality in case.found_matches

    def found_count(self, modality: Modality, name: str) -> int | None:
        """How often a list is found in those words, ``None`` where that is not known."""
        found = self._found_matches(modality)
        if found is not None:
            return len(found[name])
        return self.case.found_matches.get(modality, {}).get(name)

    def _found_matches(self, modality: Modality) -> Mapping[str, Sequence[Match]] | None:
        """What each list finds in those words, ``None`` where they are not there."""
        if modality not in self._in_found_texts:
            text = self.found_text(modality)
            if text is None:
                return None
            self._in_found_texts[modality] = self._scanner.matches(text, self._scanner.links(text))
        return self._in_found_texts[modality]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing a condition can name."""

    kind: Any
    """Its CEL type."""
    meaning: str
    read: Callable[[FactView], object | None]
    """``None`` means unknown: a condition that needs it fails, and its fail setting applies."""

    @property
    def type_name(self) -> str:
        """Its type as CEL writes it."""
        return str(self.kind.name()).lower()

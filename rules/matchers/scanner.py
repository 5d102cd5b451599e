"""All lists of a policy over one text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules.matchers.hosts import canonical_host
from rules.matchers.links import Link, LinkFinder
from rules.matchers.match import Match
from rules.matchers.patterns import PatternMatcher
from rules.matchers.phrases import PhraseMatcher


@dataclass(frozen=True)
class Lists:
    """Entries by list name, by kind."""

    phrases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    patterns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    domains: Mapping[str, Sequence[str]] = field(default_factory=dict)


class TextScanner:
    """Finds links, and the entries of every list. Safe to share between threads."""

    def __init__(self, lists: Lists) -> None:
        """Build the matchers.

        Raises:
            ValueError: an entry cannot be used; see :class:`PhraseMatcher` and
                :class:`PatternMatcher`.
        """
        self._phrases = PhraseMatcher(lists.phrases)
        self._patterns = PatternMatcher(lists.patterns)
        self._domains = {
            name: frozenset(canonical_host(entry) for entry in entries)
            for name, entries in lists.domains.items()
        }
        self._names = (*lists.phrases, *lists.patterns, *lists.domains)
        self._links = LinkFinder()

    def links(self, text: str) -> tuple[Link, ...]:
        """The links in the text, in order."""
        return self._links.find(text) if text else ()

    def matches(self, text: str, links: Sequence[Link]) -> dict[str, list[Match]]:
        """What each list finds, in order of place; every list has an entry, empty or not."""
        if not text:
            return {name: [] for name in self._names}  # as of media without words: most
        found = self._phrases.find(text) | self._patterns.find(text)
        for name, domains in self._domains.items():
            found[name] = {
                Match(link.start, link.end, domain)
                for link in links
                for domain in domains.intersection(_parents(link.host))
            }
        return {name: sorted(found[name]) if name in found else [] for name in self._names}


def _parents(host: str) -> list[str]:
    """The host and the domains above it: a.b.c -> a.b.c, b.c, c."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]

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
        names = (*lists.phrases, *lists.patterns, *lists.domains)
        self._nothing: Mapping[str, Sequence[Match]] = dict.fromkeys(names, ())
        self._links = LinkFinder()

    def links(self, text: str) -> tuple[Link, ...]:
        """The links in the text, in order."""
        return self._links.find(text) if text else ()

    def matches(self, text: str, links: Sequence[Link]) -> Mapping[str, Sequence[Match]]:
        """What each list finds, in order of place; every list has an entry, empty or not."""
        if not text:
            return self._nothing  # as of media without words: most
        found = self._phrases.find(text) | self._patterns.find(text)
        if links:
            found |= self._linked(links)
        if not found:
            return self._nothing  # as in most texts
        return {**self._nothing, **{name: sorted(matches) for name, matches in found.items()}}

    def _linked(self, links: Sequence[Link]) -> dict[str, set[Match]]:
        return {
            name: {
                Match(link.start, link.end, domain)
                for link in links
                for domain in domains.intersection(_parents(link.host))
            }
            for name, domains in self._domains.items()
        }


def _parents(host: str) -> list[str]:
    """The host and the domains above it: a.b.c -> a.b.c, b.c, c."""
    labels = host.split(".")
    return [".".join(labels[start:]) for start in range(len(labels))]

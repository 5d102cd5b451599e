"""Quarantine of entries that match too much at once.

A perceptual match is no proof, and one bad entry can hit thousands of posts: an entry that matches
more posts within the window than its bank allows asks for review at most, until a reviewer confirms
it (then it is free) or denies it (then it no longer matches). Each process counts for itself.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

PRUNE_EVERY: Final = 4096
"""Matches between looks at what has left its window, so that memory follows the window and not the
age of the process."""


@dataclass(slots=True)
class _Matches:
    times: deque[float]
    until: float = 0.0
    """When the latest leaves the window."""


@dataclass
class FloodGate:
    """Counts the matches of entries. Safe to share between threads."""

    _matched: dict[tuple[str, str], _Matches] = field(default_factory=dict)
    _held: set[tuple[str, str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _counted: int = 0

    def holds(self, bank: str, entry: str, *, limit: int, window_s: float, now: float) -> bool:
        """Count one more match; whether the entry is in quarantine."""
        key = (bank, entry)
        with self._lock:
            self._counted += 1
            if self._counted % PRUNE_EVERY == 0:
                self._prune(now)
            matches = self._matched.setdefault(key, _Matches(deque(maxlen=limit + 1)))
            matches.times.append(now)
            matches.until = now + window_s
            if len(matches.times) > limit and now - matches.times[0] <= window_s:
                self._held.add(key)
            return key in self._held

    def held(self, bank: str) -> frozenset[str]:
        """The bank's entries in quarantine."""
        with self._lock:
            return frozenset(entry for name, entry in self._held if name == bank)

    def release(self, bank: str, entry: str) -> None:
        """A reviewer has judged the entry."""
        with self._lock:
            self._held.discard((bank, entry))
            self._matched.pop((bank, entry), None)

    def __len__(self) -> int:
        """Entries whose matches are remembered."""
        return len(self._matched)

    def _prune(self, now: float) -> None:
        self._matched = {key: one for key, one in self._matched.items() if one.until >= now}

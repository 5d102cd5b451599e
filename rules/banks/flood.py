"""Quarantine of entries that match too much at once.

A perceptual match is no proof, and one bad entry can hit thousands of posts: an entry that matches
more posts within the window than its bank allows asks for review at most, until a reviewer confirms
it (then it is free) or denies it (then it no longer matches).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from threading import Lock


@dataclass
class FloodGate:
    """Counts the matches of entries. Safe to share between threads."""

    _matched: dict[tuple[str, str], deque[float]] = field(default_factory=dict)
    _held: set[tuple[str, str]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def holds(self, bank: str, entry: str, *, limit: int, window_s: float, now: float) -> bool:
        """Count one more match; whether the entry is in quarantine."""
        key = (bank, entry)
        with self._lock:
            times = self._matched.setdefault(key, deque(maxlen=limit + 1))
            times.append(now)
            if len(times) > limit and now - times[0] <= window_s:
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

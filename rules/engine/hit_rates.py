"""Whether rules fire as often as their authors expect.

A rule that suddenly fires on everything has met something its author did not think of; one that
falls silent was evaded, or broken by a change elsewhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from rules.engine.document import PolicyDocument
from rules.engine.effects import HitRateBand
from rules.intervals import wilson_interval

WINDOW_POSTS: Final = 2_000
"""Posts between two judgements: a share of 1 in 100 is then known to about ±0.6 points."""

_Z: Final = 3.29
"""Standard normal quantile of a two-sided 99.9 %: of 100 rules in their band, one false alarm in
ten windows at most."""


@dataclass(frozen=True, slots=True)
class HitRateAlarm:
    """A rule's share of posts, in a window, outside of its band."""

    rule: str
    share: float
    band: HitRateBand
    posts: int

    def __str__(self) -> str:
        """The alarm in words."""
        return (
            f"the rule {self.rule} fired on {self.share:.2%} of {self.posts} posts; expected "
            f"{self.band.min:.2%} to {self.band.max:.2%}"
        )


class HitRateWatch:
    """Counts hits over windows of posts. For one thread.

    Args:
        bands: the expected share by rule.
        window: posts until the shares are compared with their bands.
    """

    def __init__(self, bands: Mapping[str, HitRateBand], window: int = WINDOW_POSTS) -> None:
        if window < 1:
            raise ValueError(f"a window holds at least one post, not {window}")
        self._bands = dict(bands)
        self._window = window
        self._posts = 0
        self._hits: Counter[str] = Counter()
        self._shares: dict[str, float] = {}

    @property
    def rules(self) -> Collection[str]:
        """The rules that are watched."""
        return self._bands.keys()

    @property
    def bands(self) -> Mapping[str, HitRateBand]:
        """The expected shares of the rules that are watched."""
        return self._bands

    @property
    def shares(self) -> Mapping[str, float]:
        """Each watched rule's share of posts in the last full window; empty before the first."""
        return self._shares

    def observe(self, hits: Iterable[str]) -> list[HitRateAlarm]:
        """Count a post and the rules that fired on it; alarms when a window is full."""
        for rule in self._bands.keys() & hits:
            self._hits[rule] += 1
        self._posts += 1
        if self._posts < self._window:
            return []
        self._shares = {rule: self._hits[rule] / self._posts for rule in self._bands}
        alarms = [
            HitRateAlarm(rule, self._shares[rule], band, self._posts)
            for rule, band in sorted(self._bands.items())
            if _outside(self._hits[rule], self._posts, band)
        ]
        self._posts, self._hits = 0, Counter()
        return alarms


def bands_of(document: PolicyDocument) -> dict[str, HitRateBand]:
    """The expected share of every rule that states one."""
    return {
        rule.id: rule.expect
        for rule in document.rules
        if rule.expect is not None and rule.mode != "off"
    }


def _outside(hits: int, posts: int, band: HitRateBand) -> bool:
    """Whether the band lies wholly outside of the interval of the share."""
    low, high = wilson_interval(hits, posts, _Z)
    return high < band.min or low > band.max

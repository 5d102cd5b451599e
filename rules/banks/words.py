"""What people say of a bank's matches, and what follows from it for its entries and for itself.

A *curator's* word is given on the command line and is final until somebody speaks again. A
*reviewer's* word comes with a decision about a post, and a perceptual match may be wrong for one
post and right for the next: so an entry is denied where more of those words deny than confirm it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass

from rules.banks.change import Change


@dataclass(frozen=True, slots=True)
class Standing:
    """What follows from the words on a bank's matches."""

    confirmed: frozenset[str] = frozenset()
    """Entries that are right: no flood holds them."""
    denied: frozenset[str] = frozenset()
    """Entries that are wrong: they match no more."""
    confirms: int = 0
    denies: int = 0
    """Words in all, of curators and reviewers."""
    confirmed_share: float | None = None
    """Confirmations among the latest words; ``None`` while there are too few of them."""


@dataclass(slots=True)
class _Tally:
    confirms: int = 0
    denies: int = 0
    last_confirms: bool = True

    def hear(self, *, confirms: bool, final: bool) -> None:
        if final:
            self.confirms = self.denies = 0
        self.confirms += confirms
        self.denies += not confirms
        self.last_confirms = confirms

    @property
    def right(self) -> bool:
        return self.last_confirms if self.confirms == self.denies else self.confirms > self.denies


def standing(words: Iterable[Change], latest: int) -> Standing:
    """What follows from words, in the order in which they were said.

    Args:
        words: changes that confirm, deny, or trust.
        latest: words that the share of confirmations is taken over.
    """
    last: deque[bool] = deque(maxlen=latest)
    tallies: dict[str, _Tally] = {}
    heard: Counter[bool] = Counter()
    for word in words:
        if word.op == "trust":
            last.clear()
            continue
        confirms = word.op == "confirm"
        tally = tallies.setdefault(word.entry, _Tally())
        tally.hear(confirms=confirms, final=not word.decision)
        last.append(confirms)
        heard[confirms] += 1
    right = frozenset(entry for entry, tally in tallies.items() if tally.right)
    return Standing(
        confirmed=right,
        denied=frozenset(tallies) - right,
        confirms=heard[True],
        denies=heard[False],
        confirmed_share=sum(last) / latest if len(last) == latest else None,
    )

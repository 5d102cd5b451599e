"""Which model judges which post, and which one is its shadow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rules import drawn
from workers.moderator.lineup.slot import Slot

JUDGED: Final = "models/judged-by-candidate"
COMPARED: Final = "models/compared"
"""Salts: the posts that the candidate judges and those that are compared are drawn independently,
and at every stage of every roll-out the same ones first."""

_PER_CENT: Final = 100.0


@dataclass(frozen=True, slots=True)
class Lineup:
    """One or two models and their shares of the posts. Never changed, only replaced."""

    live: Slot
    candidate: Slot | None = None
    candidate_share: float = 0.0
    """Of the posts, that the candidate judges."""
    compared_share: float = 0.0
    """Of the posts, that both models score."""

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The models, that which judges most first."""
        return (self.live,) if self.candidate is None else (self.live, self.candidate)

    def candidate_for(self, post_id: str) -> Slot | None:
        """The candidate where it judges the post, else None."""
        if self.candidate is None or not self.candidate_share:
            return None
        return self.candidate if drawn(JUDGED, post_id, self.candidate_share * _PER_CENT) else None

    def shadow_of(self, post_id: str, judge: str) -> Slot | None:
        """The model that did not judge the post, where both are to score it.

        Args:
            post_id: of the post.
            judge: version of the model that judged it.
        """
        if self.candidate is None or judge not in (self.live.version, self.candidate.version):
            return None
        if not drawn(COMPARED, post_id, self.compared_share * _PER_CENT):
            return None
        return self.candidate if judge == self.live.version else self.live

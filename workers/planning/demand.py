"""What a platform sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from workers.planning.errors import PlanError

MOST: Final = 1_000_000.0  # pieces of a post; more is a slip, and infinity is none


@dataclass(frozen=True, slots=True)
class Mix:
    """Pieces of each modality in a mean post: windows of text, pictures, windows of sound."""

    text: float = 0.0
    image: float = 0.0
    audio: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``text=0.9,image=0.3,audio=0.05``; what is left out is 0.

        Raises:
            PlanError: it is written otherwise, or holds nothing.
        """
        shares: dict[str, float] = {}
        for part in text.split(","):
            name, equals, number = (word.strip() for word in part.partition("="))
            try:
                share = float(number)
            except ValueError:
                share = -1.0
            if not equals or name not in cls.__slots__ or name in shares or not 0 <= share < MOST:
                raise PlanError(
                    f"--mix: {part.strip()!r} is none of text=N, image=N, audio=N with N the mean "
                    "pieces of a post, each given once; for example text=0.9,image=0.3,audio=0.05"
                )
            shares[name] = share
        if not sum(shares.values()):
            raise PlanError("--mix: every share is 0; a post has text, pictures or sound")
        return cls(**shares)


@dataclass(frozen=True, slots=True)
class Demand:
    """The load to plan for.

    Attributes:
        posts_per_second: at the peak.
        mix: of a mean post.
        hottest_author: posts a second of the busiest author; they share one partition.
    """

    posts_per_second: float
    mix: Mix
    hottest_author: float = 0.0

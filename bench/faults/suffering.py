"""What a worker suffers inside: a scorer that chokes or has no memory, and a clock that jumps."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from moderation.media import DecodedPost
from moderation.scoring import PostScorer, PostScores
from schemas import Category

POISON: Final = "a post that no scorer can digest"
"""In a text: the scorer raises for every batch that holds it."""


class PoisonedError(RuntimeError):
    """A batch holds a poisonous post."""


class SufferingScorer:
    """A scorer that raises for poison, and runs out of memory when told to; a ``PostScorer``."""

    def __init__(self, inner: PostScorer) -> None:
        self._inner = inner
        self._lock = threading.Lock()
        self._failing = 0
        self._above = 0

    @property
    def version(self) -> str:
        """Of the scorer inside."""
        return self._inner.version

    @property
    def categories(self) -> tuple[Category, ...]:
        """Of the scorer inside."""
        return self._inner.categories

    @property
    def encoder(self) -> str | None:
        """Of the scorer inside."""
        return self._inner.encoder

    def run_out_of_memory(self, batches: int, above: int) -> None:
        """Fail for the next ``batches`` of more than ``above`` posts."""
        with self._lock:
            self._failing, self._above = batches, above

    def warm_up(self) -> None:
        """Warm the scorer inside."""
        self._inner.warm_up()

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The scores of the scorer inside.

        Raises:
            PoisonedError: one of the posts is poison.
            torch.OutOfMemoryError: as told.
        """
        if self._is_out_of_memory(len(posts)):
            import torch

            print(f"suffered: no memory for {len(posts)} posts", flush=True)
            raise torch.OutOfMemoryError("the harness left no memory")
        if any(POISON in (post.text or "") for post in posts):
            raise PoisonedError
        return self._inner.score(posts, embed=embed)

    def _is_out_of_memory(self, posts: int) -> bool:
        with self._lock:
            if not self._failing or posts <= self._above:
                return False
            self._failing -= 1
            return True


class JumpingClock:
    """The wall clock of one process, which may be set, as a machine's is by NTP or a person."""

    def __init__(self, true_time: Callable[[], float] = time.time) -> None:
        self._true_time = true_time
        self._off_seconds = 0.0

    def jump(self, off_seconds: float) -> None:
        """Be so many seconds off the truth from now on."""
        self._off_seconds = off_seconds

    def time(self) -> float:
        """As ``time.time``."""
        return self._true_time() + self._off_seconds

    def now(self) -> datetime:
        """As the worker's clock."""
        return datetime.fromtimestamp(self._true_time(), UTC) + timedelta(seconds=self._off_seconds)

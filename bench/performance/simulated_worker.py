"""The worker with a device that only takes time: ``python -m bench.performance.simulated_worker``.

The device sleeps for as long as a real one was measured to compute (``BENCH_BATCH_MS`` a batch and
``BENCH_POST_MS`` a post), on as many threads as the worker has for scoring, so that several workers
need no more cores than their plumbing does.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from typing import Final

from moderation.media import DecodedPost
from moderation.scoring import ConstantScorer, PostScores
from schemas import CATEGORIES
from workers.moderator.app import run_worker
from workers.moderator.rulebook import open_policy
from workers.moderator.scorers import CONSTANT_PROBABILITY, LoadedScorer
from workers.moderator.settings import ModeratorSettings
from workers.settings import KafkaSettings
from workers.streams import configure_logging, stop_on_signals

BATCH_VARIABLE: Final = "BENCH_BATCH_MS"
POST_VARIABLE: Final = "BENCH_POST_MS"


class SimulatedScorer(ConstantScorer):
    """The same scores for every post, after the time that a device would take."""

    def __init__(self, batch_ms: float, post_ms: float) -> None:
        super().__init__(dict.fromkeys(CATEGORIES, CONSTANT_PROBABILITY))
        self._batch_ms, self._post_ms = batch_ms, post_ms

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """Scores of a batch."""
        time.sleep((self._batch_ms + self._post_ms * len(posts)) / 1000)
        return super().score(posts, embed=embed)


async def run() -> None:
    """Run the worker until it is asked to stop."""
    settings, kafka = ModeratorSettings(), KafkaSettings()
    configure_logging("worker", level=settings.log_level, log_format="text")
    scorer = SimulatedScorer(float(os.environ[BATCH_VARIABLE]), float(os.environ[POST_VARIABLE]))
    with stop_on_signals() as stop:
        await run_worker(
            settings,
            kafka,
            load=lambda: LoadedScorer(
                scorer, device="simulated", threads=settings.scoring_threads_for(on_cpu=True)
            ),
            policy=open_policy(settings.policy),
            stop=stop,
        )


if __name__ == "__main__":
    asyncio.run(run())

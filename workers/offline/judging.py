"""Posts to verdicts without Kafka: the worker's stages, media -> model -> rules, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Final

from moderation.media import MediaFetcher, MediaLimits
from moderation.reading import Readers
from moderation.scoring import PostScorer, PostScores
from rules import Case, PolicyEngine
from schemas import Op, Post, Verdict, Versions
from workers.moderator.errors import UnreadableRecordError
from workers.moderator.judge import Circumstances, judge, withdrawal
from workers.moderator.media import MediaStage
from workers.moderator.records import read_post
from workers.offline.errors import RowError
from workers.offline.jsonl import Line, in_chunks
from workers.offline.scoring import Refuse

CHUNK_POSTS: Final = 64
"""Posts in memory at once, with all their media decoded: as many as the worker scores at once."""

FETCHED_POSTS: Final = 16
"""Posts whose media are fetched and decoded at the same time."""


@dataclass(frozen=True, slots=True)
class OfflineJudge:
    """Judges posts from lines of a file.

    Attributes:
        scorer: the classifier.
        engine: the policy.
        fetcher: gets media.
        limits: on each medium.
        clock: the time of the verdicts.
        readers: of the words in pictures and sounds.
    """

    scorer: PostScorer
    engine: PolicyEngine
    fetcher: MediaFetcher
    limits: MediaLimits
    clock: Callable[[], datetime]
    readers: Readers

    async def judge(self, lines: Iterable[Line], refuse: Refuse) -> AsyncIterator[Verdict]:
        """The verdict on each post, in their order; lines that hold no post are refused.

        No author is known here, and none of the verdicts is sampled for review.
        """
        with ThreadPoolExecutor(thread_name_prefix="decode") as threads:
            media = MediaStage(
                self.fetcher,
                self.limits,
                threads,
                concurrency=FETCHED_POSTS,
                readers=self.readers,
            )
            for chunk in in_chunks(lines, CHUNK_POSTS):
                for verdict in await self._judge(list(_readable(chunk, refuse)), media):
                    yield verdict

    async def _judge(self, posts: Sequence[Post], media: MediaStage) -> list[Verdict]:
        begin = perf_counter()
        present = [post for post in posts if post.op is Op.UPSERT]
        decoded = await media.decode(present)
        fetched = perf_counter()
        scored = iter(await asyncio.to_thread(self.scorer.score, decoded))
        stages = {"media": fetched - begin, "model": perf_counter() - fetched}
        return [
            self._verdict(post, next(scored), stages)
            if post.op is Op.UPSERT
            else withdrawal(post, self._circumstances({})).verdict
            for post in posts
        ]

    def _verdict(self, post: Post, scores: PostScores, stages: dict[str, float]) -> Verdict:
        by = self._circumstances(stages)
        case = Case(
            post=post,
            scores=scores.scores,
            shares=scores.shares,
            places=scores.places,
            mismatch=scores.mismatch,
            found_texts=scores.found_texts,
            not_scanned=scores.not_scanned,
            now=by.now,
        )
        return judge(post, scores.not_scanned, self.engine.decide(case), by).verdict

    def _circumstances(self, stages: dict[str, float]) -> Circumstances:
        versions = Versions(model=self.scorer.version, policy=self.engine.version)
        return Circumstances(versions=versions, now=self.clock(), stages=stages)


def _readable(lines: Iterable[Line], refuse: Refuse) -> Iterator[Post]:
    for line in lines:
        try:
            yield read_post(line.raw)
        except UnreadableRecordError as error:
            refuse(line, RowError(f"{error}; expected a post as on the topic `posts`"))

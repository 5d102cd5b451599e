"""The media stage: fetch what a post refers to, and decode it off the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor

from moderation.media import DecodedPost, MediaFetcher, MediaLimits, decode_post, gather_media
from schemas import Post


class MediaStage:
    """Turns posts into what the classifier can look at.

    Args:
        fetcher: gets the bytes of media.
        limits: on each medium.
        threads: where decoding runs.
        concurrency: posts with media that are fetched and decoded at the same time.
    """

    def __init__(
        self,
        fetcher: MediaFetcher,
        limits: MediaLimits,
        threads: Executor,
        *,
        concurrency: int,
    ) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._threads = threads
        self._slots = asyncio.Semaphore(concurrency)

    async def decode(self, posts: Sequence[Post]) -> list[DecodedPost]:
        """Decode posts, in their order. What cannot be had is named in their ``not_scanned``."""
        if not any(has_media(post) for post in posts):
            return [decode_post(post, {}, self._limits) for post in posts]
        return list(await asyncio.gather(*(self._decode(post) for post in posts)))

    async def _decode(self, post: Post) -> DecodedPost:
        async with self._slots:
            blobs = await gather_media(post, self._fetcher)
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, decode_post, post, blobs, self._limits)


def has_media(post: Post) -> bool:
    """Whether the post carries pictures or sound."""
    return bool(post.images or post.audio)


def decoded_bytes(posts: Sequence[DecodedPost]) -> int:
    """Memory that the decoded media of the posts take."""
    return sum(
        sum(image.nbytes for image in post.images) + sum(sound.nbytes for sound in post.audio)
        for post in posts
    )

"""The media stage: fetch what a post refers to, decode it, read its words, take its fingerprints.

All of it off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

from moderation.media import (
    Blob,
    CompositeFetcher,
    DecodedPost,
    DecodingPool,
    FolderFetcher,
    GuardedDecoder,
    HttpsFetcher,
    MediaDecoder,
    MediaFetcher,
    MediaKey,
    MediaLimits,
    Stopped,
    decode_post,
    gather_media,
    is_hostile,
)
from moderation.reading import Readers, with_words
from schemas import Post
from workers.moderator.fingerprints import Fingerprinter, Fingerprints
from workers.moderator.resources import threads as thread_pool
from workers.moderator.settings import ModeratorSettings

Prepare = Callable[[DecodedPost], DecodedPost]


def as_it_is(post: DecodedPost) -> DecodedPost:
    """For a classifier that wants nothing done."""
    return post


@dataclass(frozen=True, slots=True)
class PreparedPost:
    """A post as the stages after this one take it."""

    decoded: DecodedPost
    """For the classifier."""
    fingerprints: Fingerprints
    """For the banks."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Where hostile media are decoded: children, and the threads that wait for them.

    Those threads are others than the ones that parse and decode, so that no file, however long it
    holds its child, keeps a plain one waiting.
    """

    pool: DecodingPool
    threads: Executor
    """As many as there are children."""
    seconds: float
    """For all hostile media of a post together."""
    trusts_nothing: bool = False
    """Whether plain media go to a child as well."""

    def decoder(self) -> GuardedDecoder:
        """For one post."""
        return GuardedDecoder(self.pool, seconds=self.seconds, trusts_nothing=self.trusts_nothing)


class MediaStage:
    """Turns posts into what the classifier can look at, and the banks can look up.

    Args:
        fetcher: gets the bytes of media.
        limits: on each medium.
        threads: where decoding runs.
        concurrency: posts with media that are fetched and decoded at the same time.
        readers: of the words in pictures and sounds.
        fingerprinter: takes what the banks need; nothing, if left out.
        guard: of hostile media; without one they are decoded like all others.
        prepare: what the classifier wants done to a post; last, and on the same thread.
    """

    def __init__(
        self,
        fetcher: MediaFetcher,
        limits: MediaLimits,
        threads: Executor,
        *,
        concurrency: int,
        readers: Readers | None = None,
        fingerprinter: Fingerprinter | None = None,
        guard: Guard | None = None,
        prepare: Prepare = as_it_is,
    ) -> None:
        self._fetcher = fetcher
        self._limits = limits
        self._threads = threads
        self._readers = readers or Readers()
        self._fingerprinter = fingerprinter or Fingerprinter(kinds=frozenset)
        self._guard = guard
        self._prepare_for_model = prepare
        self._slots = asyncio.Semaphore(concurrency)

    async def decode(self, posts: Sequence[Post]) -> list[DecodedPost]:
        """Decode posts, in their order. What cannot be had is named in their ``not_scanned``."""
        return [prepared.decoded for prepared in await self.prepare(posts)]

    async def prepare(self, posts: Sequence[Post]) -> list[PreparedPost]:
        """Decode posts and take their fingerprints, in their order."""
        if any(has_media(post) for post in posts):
            return list(await asyncio.gather(*(self._prepare(post) for post in posts)))
        if self._fingerprinter.reads_text:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._prepared_texts, posts)
        return self._prepared_texts(posts)

    async def _prepare(self, post: Post) -> PreparedPost:
        async with self._slots:
            blobs = await gather_media(post, self._fetcher)
            return await self._decoded(post, blobs)

    async def _decoded(self, post: Post, blobs: Mapping[MediaKey, Blob]) -> PreparedPost:
        loop = asyncio.get_running_loop()
        guard = self._guard
        if guard is None:
            return await loop.run_in_executor(self._threads, self._prepared, post, blobs)
        if guard.trusts_nothing or await loop.run_in_executor(self._threads, is_hostile, blobs):
            work = partial(self._prepared, post, blobs, guard.decoder())
            return await loop.run_in_executor(guard.threads, work)
        return await loop.run_in_executor(self._threads, self._prepared, post, blobs)

    def _prepared_texts(self, posts: Sequence[Post]) -> list[PreparedPost]:
        return [self._prepared(post, {}) for post in posts]

    def _prepared(
        self, post: Post, blobs: Mapping[MediaKey, Blob], decoder: MediaDecoder | None = None
    ) -> PreparedPost:
        decoded = decode_post(post, blobs, self._readers.decoding(self._limits), decoder)
        decoded = with_words(decoded, self._readers, self._limits)
        prints = self._fingerprinter.take(post, decoded, blobs)
        return PreparedPost(self._prepare_for_model(decoded), prints)


@asynccontextmanager
async def media_stage(
    settings: ModeratorSettings,
    threads: Executor,
    readers: Readers,
    fingerprinter: Fingerprinter,
    *,
    on_stopped: Callable[[Stopped], object] = lambda _: None,
    prepare: Prepare = as_it_is,
) -> AsyncIterator[MediaStage]:
    """The stage with the fetchers and children that the settings name; both end with the block."""
    limits = MediaLimits()
    root = settings.media_root
    async with HttpsFetcher(settings.media_hosts, limits=limits) as web:
        fetcher = CompositeFetcher(
            store=None if root is None else FolderFetcher(root, limits), web=web
        )
        with _guard(settings, on_stopped) as guard:
            yield MediaStage(
                fetcher,
                limits,
                threads,
                concurrency=settings.media_concurrency,
                readers=readers,
                fingerprinter=fingerprinter,
                guard=guard,
                prepare=prepare,
            )


@contextmanager
def _guard(settings: ModeratorSettings, on_stopped: Callable[[Stopped], object]) -> Iterator[Guard]:
    pool = DecodingPool(
        settings.decode_children,
        memory_bytes=settings.decode_memory_bytes,
        on_stopped=on_stopped,
    )
    try:
        with thread_pool("guard", settings.decode_children) as waiting:
            yield Guard(
                pool,
                waiting,
                seconds=settings.decode_seconds,
                trusts_nothing=settings.decode_isolated == "all",
            )
    finally:
        pool.close()


def has_media(post: Post) -> bool:
    """Whether the post carries pictures or sound."""
    return bool(post.images or post.audio)


def decoded_bytes(posts: Sequence[DecodedPost]) -> int:
    """Memory that the decoded media of the posts take."""
    return sum(
        sum(image.nbytes for image in post.images) + sum(sound.nbytes for sound in post.audio)
        for post in posts
    )

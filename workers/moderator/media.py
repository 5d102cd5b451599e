"""The media stage: fetch what a post refers to, decode it, read its words, take its fingerprints.

All of it off the event loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial

from moderation.media import (
    Blob,
    CompositeFetcher,
    DecodedPost,
    FolderFetcher,
    HttpsFetcher,
    MediaDecoder,
    MediaError,
    MediaFetcher,
    MediaKey,
    MediaLimits,
    Stopped,
    UnreachableMediaError,
    decode_post,
    gather_media,
    is_hostile,
)
from moderation.reading import Readers, with_words
from schemas import Modality, Post
from workers.moderator.fingerprints import Fingerprinter, Fingerprints
from workers.moderator.guard import Guard, running_guard
from workers.moderator.settings import ModeratorSettings

Blobs = Mapping[MediaKey, Blob]

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
        guard = self._guard
        async with self._slots:
            blobs = await gather_media(post, self._fetcher)
            if guard is None:
                return await self._on(self._threads, post, blobs)
            if not await self._in_thread(is_hostile, blobs):
                executor = guard.executor if guard.trusts_nothing else self._threads
                return await self._on(executor, post, blobs, guard.decoder())
            if guard.is_busy:
                blobs = {}  # fetched again rather than held by all that wait
        try:
            async with guard.turn():
                blobs = blobs or await gather_media(post, self._fetcher)
                return await self._on(guard.executor, post, blobs, guard.decoder())
        except UnreachableMediaError as busy:
            return await self._on(self._threads, post, _all_missed(post, busy))

    async def _on(
        self, executor: Executor, post: Post, blobs: Blobs, decoder: MediaDecoder | None = None
    ) -> PreparedPost:
        # The thread's log lines name the post, as those of this task do.
        work = partial(copy_context().run, self._prepared, post, blobs, decoder)
        return await asyncio.get_running_loop().run_in_executor(executor, work)

    async def _in_thread(self, check: Callable[[Blobs], bool], blobs: Blobs) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._threads, check, blobs)

    def _prepared_texts(self, posts: Sequence[Post]) -> list[PreparedPost]:
        return [
            PreparedPost(self._prepare_for_model(decode_post(post, {}, self._limits)), prints)
            for post, prints in zip(posts, self._fingerprinter.take_texts(posts), strict=True)
        ]

    def _prepared(
        self, post: Post, blobs: Blobs, decoder: MediaDecoder | None = None
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
        with running_guard(settings, on_stopped) as guard:
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


def _all_missed(post: Post, error: MediaError) -> Blobs:
    places = ((Modality.IMAGE, len(post.images)), (Modality.AUDIO, len(post.audio)))
    return {MediaKey(kind, index): error for kind, count in places for index in range(count)}


def has_media(post: Post) -> bool:
    """Whether the post carries pictures or sound."""
    return bool(post.images or post.audio)


def decoded_bytes(posts: Sequence[DecodedPost]) -> int:
    """Memory that the decoded media of the posts take."""
    return sum(
        sum(image.nbytes for image in post.images) + sum(sound.nbytes for sound in post.audio)
        for post in posts
        if post.images or post.audio
    )

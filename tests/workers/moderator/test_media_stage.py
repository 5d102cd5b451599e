"""Media are fetched together up to a limit, decoded off the event loop, and never lost silently."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from PIL import Image

from moderation.media import (
    CompositeFetcher,
    DecodedPost,
    DecodingPool,
    InlineFetcher,
    MediaFetcher,
    MediaLimits,
    MissingMediaError,
    Pixels,
)
from moderation.reading import Readers
from schemas import Media, Modality, NotScannedReason
from tests.moderation.media.corpus import encoded, picture, scan_bomb
from tests.workers.moderator.making import make_post
from workers.moderator.guard import Guard
from workers.moderator.media import MediaStage, decoded_bytes, has_media


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


def png(side: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "navy").save(buffer, "PNG")
    return buffer.getvalue()


def make_stage(
    threads: ThreadPoolExecutor, fetcher: MediaFetcher | None = None, concurrency: int = 4
) -> MediaStage:
    fetcher = fetcher or CompositeFetcher()
    return MediaStage(fetcher, MediaLimits(), threads, concurrency=concurrency)


async def test_what_the_classifier_wants_done_is_done_where_media_are_decoded(
    threads: ThreadPoolExecutor,
) -> None:
    done_on = []

    def prepare(post: DecodedPost) -> DecodedPost:
        done_on.append(threading.current_thread())
        return replace(post, text="prepared")

    stage = MediaStage(CompositeFetcher(), MediaLimits(), threads, concurrency=1, prepare=prepare)
    (prepared,) = await stage.prepare([make_post("p", images=(Media(data=png()),))])

    assert prepared.decoded.text == "prepared"
    assert threading.current_thread() not in done_on


async def test_posts_come_back_decoded_in_their_order(threads: ThreadPoolExecutor) -> None:
    posts = [
        make_post("text-only"),
        make_post("picture", images=(Media(data=png()),)),
        make_post("broken", images=(Media(data=b"no picture"),)),
    ]
    first, second, third = await make_stage(threads).decode(posts)
    assert [post.post_id for post in (first, second, third)] == ["text-only", "picture", "broken"]
    assert second.images[0].shape == (8, 8, 3)
    assert decoded_bytes([first, second]) == 8 * 8 * 3
    assert third.images == ()
    assert third.not_scanned[0].modality is Modality.IMAGE


async def test_medium_that_is_nowhere_is_named(threads: ThreadPoolExecutor) -> None:
    class Empty:
        async def fetch(self, media: Media) -> bytes:
            raise MissingMediaError(f"nothing under {media.key}")

    stage = make_stage(threads, CompositeFetcher(store=Empty()))
    (decoded,) = await stage.decode([make_post(images=(Media(key="gone.jpg"),))])
    assert decoded.not_scanned[0].reason is NotScannedReason.MISSING


async def test_no_more_posts_than_allowed_are_fetched_at_once(threads: ThreadPoolExecutor) -> None:
    class Counting(InlineFetcher):
        now = 0
        most = 0

        async def fetch(self, media: Media) -> bytes:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0)
            self.now -= 1
            return await super().fetch(media)

    fetcher = Counting()
    posts = [make_post(f"p{i}", images=(Media(data=png()),)) for i in range(10)]
    await make_stage(threads, fetcher, concurrency=3).decode(posts)
    assert fetcher.most == 3


async def test_decoding_leaves_the_event_loop_alone() -> None:
    used: list[str] = []
    with ThreadPoolExecutor(1, initializer=lambda: used.append(threading.current_thread().name),
                            thread_name_prefix="decode") as pool:  # fmt: skip
        await make_stage(pool).decode([make_post(images=(Media(data=png()),))])
    assert used == ["decode_0"]


def test_only_pictures_and_sound_are_media() -> None:
    assert not has_media(make_post())
    assert has_media(make_post(audio=(Media(key="a.wav"),)))


async def test_words_are_read_off_the_event_loop_and_large_pictures_kept_small(
    threads: ThreadPoolExecutor,
) -> None:
    readers = []

    class Sign:
        name = "sign"

        def read(self, pixels: Pixels) -> str:
            readers.append(threading.current_thread())
            return f"{max(pixels.shape)} px"

    limits = MediaLimits(kept_side_px=64)
    stage = MediaStage(
        CompositeFetcher(), limits, threads, concurrency=4, readers=Readers(picture=Sign())
    )

    (decoded,) = await stage.decode([make_post(images=(Media(data=png(800)),))])

    assert [found.text for found in decoded.found_texts] == ["800 px"]
    assert decoded.images[0].shape == (64, 64, 3)
    assert threading.main_thread() not in readers


@pytest.fixture
def pool() -> Iterator[DecodingPool]:
    pool = DecodingPool(1, memory_bytes=512 * 1024 * 1024)
    yield pool
    pool.close()


@pytest.fixture
def waiting() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


BOMB = Media(data=scan_bomb(side=4_000, scans=5_000))
GIF = Media(data=encoded(picture(), "GIF"))


async def test_a_bomb_is_answered_and_keeps_no_plain_picture_waiting(
    threads: ThreadPoolExecutor, waiting: ThreadPoolExecutor, pool: DecodingPool
) -> None:
    guard = Guard(pool, waiting, children=1, seconds=1.0)
    stage = MediaStage(CompositeFetcher(), MediaLimits(), threads, concurrency=2, guard=guard)
    await stage.decode([make_post("warm", images=(GIF,))])

    # More bombs than there are slots for posts with media.
    flood = [make_post(f"bomb-{number}", images=(BOMB, BOMB)) for number in range(5)]
    bombs = asyncio.create_task(stage.decode(flood))
    (decoded,) = await stage.decode([make_post("picture", images=(Media(data=png()),))])
    assert decoded.images[0].shape == (8, 8, 3)
    assert not bombs.done()

    reasons = [[missed.reason for missed in post.not_scanned] for post in await bombs]
    assert reasons[0] == [NotScannedReason.TOO_LARGE] * 2
    # Those that found no child free are told so as if their store were away: to be tried again.
    assert reasons[-1] == [NotScannedReason.UNREACHABLE] * 2
    assert {reason for post in reasons for reason in post} <= {
        NotScannedReason.TOO_LARGE,
        NotScannedReason.UNREACHABLE,
    }


async def test_a_burst_of_hostile_formats_that_are_harmless_is_decoded_whole(
    threads: ThreadPoolExecutor, waiting: ThreadPoolExecutor, pool: DecodingPool
) -> None:
    class Counting(InlineFetcher):
        fetched = 0

        async def fetch(self, media: Media) -> bytes:
            self.fetched += 1
            return await super().fetch(media)

    fetcher = Counting()
    guard = Guard(pool, waiting, children=1, seconds=60.0)
    stage = MediaStage(fetcher, MediaLimits(), threads, concurrency=4, guard=guard)

    posts = [make_post(f"gif-{number}", images=(GIF,)) for number in range(30)]
    decoded = await stage.decode(posts)

    assert [len(post.images) for post in decoded] == [1] * 30
    assert 30 < fetcher.fetched <= 60


async def test_with_no_trust_at_all_plain_pictures_are_decoded_in_a_child_too(
    threads: ThreadPoolExecutor, waiting: ThreadPoolExecutor, pool: DecodingPool
) -> None:
    guard = Guard(pool, waiting, children=1, seconds=30.0, trusts_nothing=True)
    stage = MediaStage(CompositeFetcher(), MediaLimits(), threads, concurrency=4, guard=guard)
    (decoded,) = await stage.decode([make_post("picture", images=(Media(data=png()),))])
    assert decoded.images[0].shape == (8, 8, 3)
    pool.close()
    (refused,) = await stage.decode([make_post("picture", images=(Media(data=png()),))])
    assert refused.images == ()
    assert refused.not_scanned[0].reason is NotScannedReason.UNDECODABLE

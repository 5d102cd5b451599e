"""The media stage takes the fingerprints that banks need, at their places in the post."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from moderation.media import CompositeFetcher, MediaLimits
from rules.banks import MIN_QUALITY, BankKind
from schemas import Media, NotScannedReason, Post
from tests.workers.moderator.banking import TEXT, digest, drawing, hashes
from tests.workers.moderator.making import make_post
from workers.moderator import fingerprints
from workers.moderator.fingerprints import Fingerprinter, Fingerprints
from workers.moderator.media import MediaStage


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as pool:
        yield pool


async def prints_of(post: Post, threads: ThreadPoolExecutor, *kinds: BankKind) -> Fingerprints:
    stage = MediaStage(
        CompositeFetcher(),
        MediaLimits(),
        threads,
        concurrency=2,
        fingerprinter=Fingerprinter(lambda: frozenset(kinds)),
    )
    (prepared,) = await stage.prepare([post])
    return prepared.fingerprints


PICTURES = make_post(
    images=(
        Media(data=b"no picture"),
        Media(key="out of reach"),
        Media(data=drawing(1)),
    ),
    audio=(Media(data=b"no sound"),),
    text=TEXT,
)


async def test_bytes_are_known_by_digest_also_where_they_cannot_be_decoded(
    threads: ThreadPoolExecutor,
) -> None:
    prints = await prints_of(PICTURES, threads, BankKind.IMAGE, BankKind.AUDIO)
    assert [one.sha256 for one in prints.query.images] == [
        digest(b"no picture"),
        None,
        digest(drawing(1)),
    ]
    assert prints.query.audio == [digest(b"no sound")]
    assert prints.query.text is None
    assert [one.pdq for one in prints.query.images] == [None, None, None]


async def test_pictures_that_were_decoded_have_a_perceptual_hash_at_their_place(
    threads: ThreadPoolExecutor,
) -> None:
    prints = await prints_of(PICTURES, threads, BankKind.PDQ)
    first, second, third = prints.query.images
    assert (first.pdq, second.pdq) == (None, None)
    assert third.pdq is not None
    assert third.pdq.hex() == hashes(drawing(1))[0]
    assert third.quality >= MIN_QUALITY
    assert third.sha256 is None


async def test_texts_are_fingerprinted_off_the_event_loop(threads: ThreadPoolExecutor) -> None:
    used = []

    def kinds() -> frozenset[BankKind]:
        used.append(threading.current_thread())
        return frozenset({BankKind.NEAR_TEXT})

    stage = MediaStage(
        CompositeFetcher(),
        MediaLimits(),
        threads,
        concurrency=2,
        fingerprinter=Fingerprinter(kinds),
    )
    short, long = await stage.prepare([make_post("short", text="Hi."), make_post(text=TEXT)])
    assert short.fingerprints.query.text is not None
    assert short.fingerprints.query.text.near is None
    assert long.fingerprints.query.text is not None
    assert long.fingerprints.query.text.near is not None
    assert used[-1] is not threading.main_thread()


async def test_nothing_is_fingerprinted_that_nobody_needs(threads: ThreadPoolExecutor) -> None:
    query = (await prints_of(PICTURES, threads)).query
    assert query.text is None
    assert all(one.sha256 is None and one.pdq is None for one in query.images)
    assert query.audio == [None]


async def test_a_picture_without_a_fingerprint_is_said_to_be_missed(
    threads: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_pixels: np.ndarray) -> tuple[bytes, int]:
        raise RuntimeError("native code gives up")

    monkeypatch.setattr(fingerprints, "picture_hash", broken)
    prints = await prints_of(PICTURES, threads, BankKind.PDQ)
    (missed,) = prints.failed
    assert (missed.modality, missed.index) == ("image", 2)
    assert missed.reason is NotScannedReason.BANK_FAILED
    assert missed.detail == "its fingerprint could not be taken"

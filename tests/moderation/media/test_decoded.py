from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from moderation.media import (
    CompositeFetcher,
    DecodedPost,
    FolderFetcher,
    ForbiddenMediaError,
    MediaKey,
    MediaLimits,
    UnreachableMediaError,
    decode_post,
    gather_media,
)
from schemas import Media, Modality, NotScannedReason, Post
from tests.moderation.media.corpus import animated_gif, encoded, picture, sound, tone

LIMITS = MediaLimits()
IMAGE, AUDIO = Modality.IMAGE, Modality.AUDIO
PNG = encoded(picture(), "PNG")


def post(**content: object) -> Post:
    return Post.model_validate(
        {"post_id": "p", "author_id": "a", "created_at": datetime.now(UTC), **content}
    )


def inline(*blobs: bytes) -> tuple[Media, ...]:
    return tuple(Media(data=blob) for blob in blobs)


async def decoded(subject: Post, **fetchers: Any) -> DecodedPost:
    blobs = await gather_media(subject, CompositeFetcher(**fetchers))
    return decode_post(subject, blobs, LIMITS)


async def test_text_pictures_and_sounds_all_arrive() -> None:
    result = await decoded(post(text="hi", images=inline(PNG, PNG), audio=inline(sound(tone()))))

    assert result.post_id == "p"
    assert result.text == "hi"
    assert [image.shape for image in result.images] == [(48, 64, 3)] * 2
    assert [len(samples) for samples in result.audio] == [8_000]
    assert result.not_scanned == ()


async def test_a_bad_medium_is_named_and_harms_no_other() -> None:
    result = await decoded(
        post(images=inline(PNG, PNG[:100], b"x", PNG), audio=inline(b"x", sound(tone())))
    )

    assert len(result.images) == 2
    assert len(result.audio) == 1
    assert [(gap.modality, gap.index, gap.reason) for gap in result.not_scanned] == [
        (IMAGE, 1, NotScannedReason.UNDECODABLE),
        (IMAGE, 2, NotScannedReason.UNSUPPORTED),
        (AUDIO, 0, NotScannedReason.UNSUPPORTED),
    ]
    assert all(gap.detail for gap in result.not_scanned)


async def test_decoded_media_remember_their_place_in_the_post() -> None:
    result = await decoded(post(images=inline(b"x", PNG, b"x", PNG), audio=inline(sound(tone()))))

    assert [result.place(IMAGE, number) for number in (0, 1)] == [1, 3]
    assert result.place(AUDIO, 0) == 0


async def test_the_name_of_the_type_is_not_trusted() -> None:
    liar = Media(data=PNG, media_type="image/jpeg")
    sound_as_picture = Media(data=sound(tone()), media_type="image/png")

    result = await decoded(post(images=(liar, sound_as_picture)))

    assert len(result.images) == 1
    assert [gap.reason for gap in result.not_scanned] == [NotScannedReason.UNSUPPORTED]


async def test_an_animation_is_scanned_in_part() -> None:
    result = await decoded(post(images=inline(animated_gif())))

    assert len(result.images) == 1
    assert [gap.reason for gap in result.not_scanned] == [NotScannedReason.TRUNCATED]


def test_a_sound_beyond_the_window_is_scanned_in_part() -> None:
    raw = sound(tone(3.0))
    limits = MediaLimits(kept_seconds=2.0)

    result = decode_post(post(audio=inline(raw)), {MediaKey(AUDIO, 0): raw}, limits)

    assert len(result.audio[0]) == 32_000
    (gap,) = result.not_scanned
    assert gap.reason is NotScannedReason.TRUNCATED
    assert gap.detail == "the first 2 s of 3 s were heard"


@pytest.mark.parametrize("text", ["", " \n\t", None])
async def test_white_space_is_no_text(text: str | None) -> None:
    result = await decoded(post(text=text, images=inline(PNG)))

    assert result.text is None
    assert not result.is_empty


async def test_a_post_of_which_nothing_is_left_is_empty() -> None:
    result = await decoded(post(images=inline(b"x")))

    assert result.is_empty
    assert len(result.not_scanned) == 1


async def test_bytes_that_are_not_those_promised_are_refused() -> None:
    good = hashlib.sha256(PNG).hexdigest()
    images = (Media(data=PNG, sha256=good), Media(data=PNG, sha256="0" * 64))

    result = await decoded(post(images=images))

    assert len(result.images) == 1
    assert [(gap.index, gap.reason) for gap in result.not_scanned] == [
        (1, NotScannedReason.HASH_MISMATCH)
    ]


async def test_references_need_their_adapter(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(PNG)
    subject = post(
        images=(Media(key="a.png"), Media(key="b.png"), Media(url="https://media.test/a.png"))
    )

    with_store = await decoded(subject, store=FolderFetcher(tmp_path))
    without = await decoded(subject)

    assert len(with_store.images) == 1
    assert [gap.reason for gap in with_store.not_scanned] == [
        NotScannedReason.MISSING,
        NotScannedReason.FORBIDDEN,
    ]
    assert [gap.reason for gap in without.not_scanned] == [NotScannedReason.FORBIDDEN] * 3


async def test_a_fetcher_of_the_platforms_own_fits_in() -> None:
    class Shop:
        async def fetch(self, media: Media) -> bytes:
            if media.key == "good":
                return PNG
            raise UnreachableMediaError("the shop is closed")

    result = await decoded(post(images=(Media(key="bad"), Media(key="good"))), store=Shop())

    assert len(result.images) == 1
    (gap,) = result.not_scanned
    assert (gap.index, gap.reason, gap.detail) == (
        0,
        NotScannedReason.UNREACHABLE,
        "the shop is closed",
    )


def test_a_medium_that_nobody_fetched_is_missing() -> None:
    result = decode_post(post(images=inline(PNG)), {}, LIMITS)

    assert [gap.reason for gap in result.not_scanned] == [NotScannedReason.MISSING]


def test_bytes_over_the_limit_are_refused_wherever_they_come_from() -> None:
    result = decode_post(
        post(images=inline(PNG)), {MediaKey(IMAGE, 0): PNG}, MediaLimits(max_bytes=len(PNG) - 1)
    )

    assert [gap.reason for gap in result.not_scanned] == [NotScannedReason.TOO_LARGE]


def test_a_long_message_still_fits_a_verdict() -> None:
    gap = ForbiddenMediaError("x" * 5_000).not_scanned(IMAGE, 3)

    assert gap.index == 3
    assert gap.detail is not None
    assert len(gap.detail) == 1_000

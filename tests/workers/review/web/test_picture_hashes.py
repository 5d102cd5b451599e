"""A post's pictures have hashes, or are known to have none."""

from __future__ import annotations

import pytest

from schemas import Media
from tests.workers.review.conftest import PICTURE_HASHES
from tests.workers.review.samples import inline, photo, png, post

CAT = inline(photo("cat"))


async def test_each_picture_has_thirty_two_bytes_in_its_order() -> None:
    both = await PICTURE_HASHES.of(post(images=(CAT, inline(photo("dog")))))
    swapped = await PICTURE_HASHES.of(post(images=(inline(photo("dog")), CAT)))
    assert both
    assert swapped == both[32:] + both[:32]
    assert await PICTURE_HASHES.of(post()) == b""


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(inline(png()), id="plain"),
        pytest.param(inline(b"nothing to see"), id="no picture"),
        pytest.param(inline(photo("cat")[:900]), id="cut off"),
        pytest.param(Media(url="https://example.org/x.png", sha256="0" * 64), id="elsewhere"),
        pytest.param(Media(key="gone", sha256="0" * 64), id="gone"),
    ],
)
async def test_one_picture_without_leaves_the_post_without(other: Media) -> None:
    assert await PICTURE_HASHES.of(post(images=(CAT, other))) is None

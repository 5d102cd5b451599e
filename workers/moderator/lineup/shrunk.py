"""Pictures that were shrunk for a model which no longer judges, made readable for its successor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from moderation.media import DecodedPost

CHANNELS: Final = 3
"""Of a picture: the last axis of one that was decoded, the first of one that a model prepared."""


def readable(posts: Sequence[DecodedPost], size: int | None) -> Sequence[DecodedPost]:
    """The posts with pictures that a model of another size can take.

    A post that is between decoding and scoring while the model changes has its pictures as the
    model before wanted them. They become RGB pictures of that size again, of shape
    (side, side, 3), which any model scales to its own.

    Args:
        posts: decoded, perhaps prepared for any model.
        size: side in pixels of what the model that scores them takes; None where it takes all.
    """
    if size is None or not any(post.images for post in posts):
        return posts
    return [_readable(post, size) for post in posts]


def _readable(post: DecodedPost, size: int) -> DecodedPost:
    foreign = [
        image.shape[-1] != CHANNELS and image.shape != (CHANNELS, size, size)
        for image in post.images
    ]
    if not any(foreign):
        return post
    images = (
        image.transpose(1, 2, 0) if turned else image
        for image, turned in zip(post.images, foreign, strict=True)
    )
    return replace(post, images=tuple(images))

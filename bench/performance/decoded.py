"""Posts as the media stage hands them on, without a worker."""

from __future__ import annotations

from collections.abc import Iterable

from moderation.media import DecodedPost, MediaKey, MediaLimits, decode_post
from schemas import Modality, Post


def decoded(posts: Iterable[Post]) -> list[DecodedPost]:
    """Posts with inline media, decoded."""
    limits = MediaLimits()
    return [decode_post(post, _blobs(post), limits) for post in posts]


def _blobs(post: Post) -> dict[MediaKey, bytes]:
    media = {Modality.IMAGE: post.images, Modality.AUDIO: post.audio}
    return {
        MediaKey(modality, index): medium.data
        for modality, of_post in media.items()
        for index, medium in enumerate(of_post)
        if medium.data is not None
    }

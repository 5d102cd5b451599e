"""What is said of a post that the device has no memory for, even alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from moderation.scoring import PostScores
from schemas import Modality, NotScanned, NotScannedReason, Post


def unscored(post: Post, missed: Sequence[NotScanned]) -> PostScores:
    """No scores, and every piece of the post named as not looked at.

    Args:
        post: the post.
        missed: pieces of it that could not be looked at anyway, and why.
    """
    return PostScores(post.post_id, not_scanned=(*missed, *_others(post, missed)))


def _others(post: Post, missed: Sequence[NotScanned]) -> Iterator[NotScanned]:
    named = {(piece.modality, piece.index) for piece in missed}
    counts = {
        Modality.TEXT: 1 if post.text else 0,
        Modality.IMAGE: len(post.images),
        Modality.AUDIO: len(post.audio),
    }
    for modality, count in counts.items():
        for index in range(count):
            if (modality, index) not in named:
                yield NotScanned(
                    modality=modality,
                    index=index,
                    reason=NotScannedReason.MODEL_FAILED,
                    detail="the device has no memory for this post",
                )

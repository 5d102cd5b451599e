"""A scorer without a model, for tests and benchmarks of what surrounds one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moderation.media import DecodedPost
from moderation.scoring.port import PostScores
from schemas import Category, Modality


class ConstantScorer:
    """Gives every post the same scores, whatever it holds, or the ones set for its id.

    It keeps what every scorer promises: posts without content get no scores, shares sum to 1, and
    what the media stage could not look at is passed on.

    Args:
        scores: probability a category, for every post.
        by_post: other scores, by post id.
        version: as it appears in verdicts.
        embeddings: vectors of posts, by post id, shape = (views, width); posts of other ids have
            none. Without it, it gives no vectors at all.
    """

    def __init__(
        self,
        scores: Mapping[Category, float],
        *,
        by_post: Mapping[str, Mapping[Category, float]] | None = None,
        version: str = "constant@1",
        embeddings: Mapping[str, NDArray[np.float32]] | None = None,
    ) -> None:
        self._scores = dict(scores)
        self._by_post = dict(by_post or {})
        self._version = version
        self._embeddings = embeddings

    @property
    def version(self) -> str:
        """As given."""
        return self._version

    @property
    def encoder(self) -> str | None:
        """The version, where vectors were given."""
        return None if self._embeddings is None else self._version

    @property
    def categories(self) -> tuple[Category, ...]:
        """The keys of the scores given."""
        return tuple(self._scores)

    def warm_up(self) -> None:
        """There is nothing to warm."""

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """The same for every post that has anything to look at."""
        return [self._score(post, self._vectors(post) if embed else None) for post in posts]

    def _vectors(self, post: DecodedPost) -> NDArray[np.float32] | None:
        if self._embeddings is None:
            return None
        return self._embeddings.get(post.post_id, np.empty((0, 0), np.float32))

    def _score(self, post: DecodedPost, vectors: NDArray[np.float32] | None) -> PostScores:
        if post.is_empty:
            return PostScores(
                post.post_id,
                not_scanned=post.not_scanned,
                found_texts=post.found_texts,
                embeddings=vectors,
                model=self._version,
            )
        scores = dict(self._by_post.get(post.post_id, self._scores))
        present = _modalities(post)
        return PostScores(
            post.post_id,
            scores,
            {name: dict.fromkeys(present, 1 / len(present)) for name in scores},
            post.not_scanned,
            found_texts=post.found_texts,
            embeddings=vectors,
            model=self._version,
        )


def _modalities(post: DecodedPost) -> list[Modality]:
    content = {
        Modality.TEXT: post.text,
        Modality.IMAGE: post.images,
        Modality.AUDIO: post.audio,
    }
    return [modality for modality, value in content.items() if value]

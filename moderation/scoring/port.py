"""What the classifier says about a post, and the port that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from moderation.media import DecodedPost
from schemas import Category, FoundText, NotScanned, Place


@dataclass(frozen=True, slots=True)
class PostScores:
    """The scores of one post.

    Attributes:
        post_id: of the post.
        scores: calibrated probability a category. Empty, and never zeros, when there was nothing
            that could be looked at.
        shares: category to modality to its part of the score; they sum to 1. Only modalities that
            were looked at are named, by the values of :class:`~schemas.Modality`.
        not_scanned: what the media stage and the classifier did not look at, and why.
        places: where each category is strongest: the piece that carries most of its score.
        mismatch: probability that two modalities do not belong together, by ``text_image``,
            ``text_audio`` and ``image_audio``; only of pairs that could be compared.
        found_texts: what was read in pictures and heard in sounds, as the media stage gave it; and
            what the classifier itself heard in sounds of which the media stage gave nothing.
        embeddings: the post as the classifier sees it: unit vectors, one a view of the post,
            float32, shape = (views, width); no rows where nothing could be looked at. ``None``
            where nobody asked for them.
        model: version of the model that says so; empty where no model has looked at the post.
    """

    post_id: str
    scores: dict[Category, float] = field(default_factory=dict)
    shares: dict[Category, dict[str, float]] = field(default_factory=dict)
    not_scanned: tuple[NotScanned, ...] = ()
    places: dict[Category, Place] = field(default_factory=dict)
    mismatch: dict[str, float] = field(default_factory=dict)
    found_texts: tuple[FoundText, ...] = ()
    embeddings: NDArray[np.float32] | None = field(default=None, compare=False, repr=False)
    model: str = field(default="", compare=False)


class PostScorer(Protocol):
    """Scores posts. Blocking; called on one thread at a time where its loader says no more."""

    @property
    def version(self) -> str:
        """Name and content hash of the model, e.g. ``compact@sha256:1a2b3c4d5e6f``."""
        ...

    @property
    def encoder(self) -> str | None:
        """The version of the model that gives the vectors, in whichever numbers it computes.

        ``None`` for a scorer that gives none.
        """
        ...

    @property
    def categories(self) -> tuple[Category, ...]:
        """What it scores, in order."""
        ...

    def warm_up(self) -> None:
        """Do once what would make the first post slow."""
        ...

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """Score posts, in their order. A post that cannot be scored keeps no other back.

        Args:
            posts: from the media stage.
            embed: give their vectors too.
        """
        ...

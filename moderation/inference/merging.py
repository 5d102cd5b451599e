"""From views of a post to its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from moderation.inference.engine import ScoredView
from moderation.inference.isolation import Failure
from moderation.inference.pieces import CutPost, Piece, model_failed
from moderation.media import DecodedPost
from moderation.model import MODALITIES
from moderation.scoring import PostScores
from schemas import Category, Modality, NotScanned, Place

View = Mapping[Piece, Tensor]
"""What the classifier sees at once: at most one piece a modality, with its vector."""


def readable_views(post: CutPost, vectors: Mapping[Piece, Tensor | Failure]) -> list[View]:
    """The post's views, without the pieces that could not be encoded."""
    views = (
        {piece: vector for piece in view if isinstance(vector := vectors[piece], Tensor)}
        for view in post.views()
    )
    return [view for view in views if view]


def merged(
    post: DecodedPost,
    cut: CutPost,
    vectors: Mapping[Piece, Tensor | Failure],
    views: Sequence[tuple[View, ScoredView | Failure]],
    categories: Sequence[Category],
) -> PostScores:
    """A post's scores: each category from the view in which it is highest.

    Args:
        post: from the media stage.
        cut: its pieces.
        vectors: of all pieces.
        views: with what the fusion said about them.
        categories: in the order of the classifier's heads.
    """
    scored = [(view, result) for view, result in views if isinstance(result, ScoredView)]
    not_scanned = (*post.not_scanned, *cut.not_scanned, *_failures(cut, vectors, views))
    if not scored:
        return PostScores(post.post_id, not_scanned=not_scanned)
    probabilities = np.stack([result.probabilities for _, result in scored])
    highest = probabilities.argmax(axis=0)
    scores = {}
    shares = {}
    places = {}
    for number, category in enumerate(categories):
        view, result = scored[highest[number]]
        scores[category] = float(result.probabilities[number])
        shares[category] = _shares(result.shares[number], {piece.modality for piece in view})
        places[category] = _place(view, shares[category])
    return PostScores(post.post_id, scores, shares, not_scanned, places)


def _shares(row: npt.NDArray[np.float32], present: set[Modality]) -> dict[str, float]:
    return {
        modality: float(share)
        for modality, share in zip(MODALITIES, row, strict=True)
        if modality in present
    }


def _place(view: View, shares: Mapping[str, float]) -> Place:
    """Of the piece that carries most of the score."""
    return max(view, key=lambda piece: shares[piece.modality]).where


def _failures(
    cut: CutPost,
    vectors: Mapping[Piece, Tensor | Failure],
    views: Sequence[tuple[View, ScoredView | Failure]],
) -> list[NotScanned]:
    failed = {
        piece: failure
        for piece in cut.all_pieces()
        if isinstance(failure := vectors[piece], Failure)
    }
    seen = {piece for view, result in views if isinstance(result, ScoredView) for piece in view}
    for view, result in views:
        if isinstance(result, Failure):
            failed |= {piece: result for piece in view if piece not in seen}
    # Several windows of one medium make one entry.
    media = {
        (piece.where.modality, piece.where.index): failure for piece, failure in failed.items()
    }
    return [model_failed(modality, place, failure) for (modality, place), failure in media.items()]

"""From views of a post to its scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from torch import Tensor

from moderation.inference.cache import Encoding
from moderation.inference.cutting import model_failed
from moderation.inference.engine import ScoredView
from moderation.inference.isolation import Failure
from moderation.inference.pieces import CutPost, Piece
from moderation.media import DecodedPost
from moderation.model import MODALITIES
from moderation.scoring import PostScores
from schemas import Category, FoundText, NotScanned

View = Mapping[Piece, Tensor]
"""What the classifier sees at once: at most one piece an encoder, with its vector."""


def readable_views(post: CutPost, encodings: Mapping[Piece, Encoding | Failure]) -> list[View]:
    """The post's views, without the pieces that could not be encoded."""
    views = (
        {
            piece: encoding.vector
            for piece in view
            if isinstance(encoding := encodings[piece], Encoding)
        }
        for view in post.views()
    )
    return [view for view in views if view]


def merged(
    post: DecodedPost,
    cut: CutPost,
    encodings: Mapping[Piece, Encoding | Failure],
    views: Sequence[tuple[View, ScoredView | Failure]],
    *,
    categories: Sequence[Category],
    model: str,
    heard: tuple[FoundText, ...] = (),
    embeddings: npt.NDArray[np.float32] | None = None,
) -> PostScores:
    """A post's scores: each category from the view in which it is highest.

    Args:
        post: from the media stage.
        cut: its pieces.
        encodings: of all pieces.
        views: with what the fusion said about them.
        categories: in the order of the classifier's heads.
        model: the classifier's version.
        heard: what the classifier itself heard in the post's sounds.
        embeddings: of the views, where somebody asked for them.
    """
    scored = [(view, result) for view, result in views if isinstance(result, ScoredView)]
    not_scanned = (*post.not_scanned, *cut.not_scanned, *_failures(cut, encodings, views))
    found_texts = (*post.found_texts, *heard)
    if not scored:
        return PostScores(
            post.post_id,
            not_scanned=not_scanned,
            found_texts=found_texts,
            embeddings=embeddings,
            model=model,
        )
    probabilities = np.stack([result.probabilities for _, result in scored])
    highest = probabilities.argmax(axis=0)
    scores = {}
    shares = {}
    places = {}
    for number, category in enumerate(categories):
        view, result = scored[highest[number]]
        scores[category] = float(result.probabilities[number])
        shares[category] = _shares(view, result.shares[number])
        places[category] = _strongest(view, result.shares[number]).where
    return PostScores(
        post.post_id,
        scores,
        shares,
        not_scanned,
        places,
        _mismatch(scored),
        found_texts,
        embeddings,
        model,
    )


def _shares(view: View, row: npt.NDArray[np.float32]) -> dict[str, float]:
    """By the modality in which a piece was posted: words in a picture count for the picture."""
    shares: dict[str, float] = {}
    for piece in view:
        share = float(row[MODALITIES.index(piece.modality)])
        shares[piece.where.modality] = shares.get(piece.where.modality, 0.0) + share
    # The sum of two rounded shares may be a hair above the whole.
    return {modality: min(1.0, share) for modality, share in shares.items()}


def _strongest(view: View, row: npt.NDArray[np.float32]) -> Piece:
    """The piece that carries most of the score."""
    return max(view, key=lambda piece: float(row[MODALITIES.index(piece.modality)]))


def _mismatch(scored: Sequence[tuple[View, ScoredView]]) -> dict[str, float]:
    """The lowest over the views: a caption belongs to the post if it fits one of its pictures."""
    lowest: dict[str, float] = {}
    for view, result in scored:
        if any(piece.where.words for piece in view):
            continue  # words stand in their picture, whatever they say
        for pair, probability in result.mismatch.items():
            lowest[pair] = min(probability, lowest.get(pair, 1.0))
    return lowest


def _failures(
    cut: CutPost,
    encodings: Mapping[Piece, Encoding | Failure],
    views: Sequence[tuple[View, ScoredView | Failure]],
) -> list[NotScanned]:
    failed = {
        piece: failure
        for piece in cut.all_pieces()
        if isinstance(failure := encodings[piece], Failure)
    }
    seen = {piece for view, result in views if isinstance(result, ScoredView) for piece in view}
    for view, result in views:
        if isinstance(result, Failure):
            failed |= {piece: result for piece in view if piece not in seen}
    # Several windows of one medium make one entry.
    entries = (model_failed(piece.where, failure) for piece, failure in failed.items())
    return list(dict.fromkeys(entries))

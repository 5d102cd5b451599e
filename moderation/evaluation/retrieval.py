"""Retrieval: which picture or sound belongs to which text, by the model's joint embeddings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from moderation.evaluation.bootstrap import RESAMPLES, interval, resamples
from moderation.evaluation.folds import group_key
from moderation.evaluation.manifest import Row
from moderation.evaluation.predict import batches
from moderation.evaluation.ranking import auroc
from moderation.model import MODALITIES, Classifier
from schemas import Modality

CHUNK_QUERIES: Final = 512  # compared with all candidates at once
SAME_COSINE: Final = 1e-7  # two closer than this differ by rounding alone
MIN_PAIRS: Final = 2  # with one there is nothing to choose from

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One direction, for example from text to image.

    Attributes:
        pairs: posts with both; each is a query, and each a candidate.
        accuracy_at_1: share of queries whose own piece, or one like it, comes first. Candidates
            that score the same share the place, so a model that knows nothing has ``chance``.
        mean_reciprocal_rank: of the first right candidate.
        chance: expected accuracy at 1 of a random order.
        pair_auroc: chance that a pair that belongs together scores above one that does not.
        accuracy_low, accuracy_high, reciprocal_low, reciprocal_high: bootstrap intervals at 95 %.
    """

    pairs: int
    accuracy_at_1: float
    accuracy_low: float
    accuracy_high: float
    mean_reciprocal_rank: float
    reciprocal_low: float
    reciprocal_high: float
    chance: float
    pair_auroc: float | None


def evaluate_retrieval(
    model: Classifier,
    rows: Sequence[Row],
    *,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> dict[str, Retrieval]:
    """Both ways for each two modalities that at least two rows have together.

    Returns:
        ``"text to image"`` and so on -> figures; empty if no row has two modalities, or if the
        model has no joint space.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    several = [row for row in rows if len(row.modalities) > 1]
    vectors = embed(model, several, on_progress=on_progress) if several else {}
    found = {}
    for one, other in combinations(vectors, 2):
        places = [n for n, row in enumerate(several) if {one, other} <= {*row.modalities}]
        if len(places) < MIN_PAIRS:
            continue
        pairs = [several[place] for place in places]
        alike = _alike(pairs, one) | _alike(pairs, other)
        for query, answer in ((one, other), (other, one)):
            found[f"{query} to {answer}"] = retrieve(
                vectors[query][places],
                vectors[answer][places],
                alike,
                bootstrap=bootstrap,
                seed=seed,
            )
    return found


def embed(
    model: Classifier,
    rows: Sequence[Row],
    *,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> dict[Modality, Array]:
    """Joint embeddings by modality, shape = (rows, joint width): unit length, zeros where absent.

    What is longer than the model's window has the direction of the mean of its windows.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    sums: dict[Modality, Array] = {}
    for places, inputs in batches(model, rows, on_progress=on_progress):
        with torch.inference_mode():
            joint = model(inputs).joint
        for modality, vectors in joint.items():
            values = vectors.float().cpu().numpy()
            total = sums.setdefault(modality, np.zeros((len(rows), values.shape[1])))
            np.add.at(total, places, values)
    lengths = {m: np.linalg.norm(total, axis=1, keepdims=True) for m, total in sums.items()}
    return {m: sums[m] / np.maximum(lengths[m], 1e-12) for m in MODALITIES if m in sums}


def retrieve(
    queries: Array,
    candidates: Array,
    alike: Array,
    *,
    bootstrap: int = RESAMPLES,
    seed: int = 0,
) -> Retrieval:
    """Rank all candidates for each query by cosine.

    Args:
        queries: unit vectors, shape = (pairs, width).
        candidates: likewise; row ``n`` belongs to query ``n``.
        alike: bool, shape = (pairs, pairs): candidates that are as right as the query's own.
        bootstrap: resamples of the queries behind the intervals, at least 1.
        seed: of the resamples and of the pairs that do not belong together.
    """
    hits, reciprocals = _ranks(queries, candidates, alike)
    drawn = np.concatenate(list(resamples(np.zeros(len(hits)), count=bootstrap, seed=seed)))
    ends = [interval(drawn @ values / len(hits)) for values in (hits, reciprocals)]
    (hit_low, hit_high), (low, high) = (both or (np.nan, np.nan) for both in ends)
    return Retrieval(
        pairs=len(hits),
        accuracy_at_1=float(hits.mean()),
        accuracy_low=hit_low,
        accuracy_high=hit_high,
        mean_reciprocal_rank=float(reciprocals.mean()),
        reciprocal_low=low,
        reciprocal_high=high,
        chance=float(alike.mean()),
        pair_auroc=_pair_auroc(queries, candidates, alike, seed),
    )


def _ranks(queries: Array, candidates: Array, alike: Array) -> tuple[Array, Array]:
    """Whether the first is right, and one over the rank of the first right one, a query each."""
    hits, reciprocals = np.zeros(len(queries)), np.zeros(len(queries))
    for at in range(0, len(queries), CHUNK_QUERIES):
        here = slice(at, at + CHUNK_QUERIES)
        cosines, right = queries[here] @ candidates.T, alike[here]
        best = np.where(right, cosines, -np.inf).max(axis=1, keepdims=True)
        level = np.abs(cosines - best) < SAME_COSINE
        above = (cosines > best) & ~level & ~right
        rivals, rightful = (level & ~right).sum(axis=1), (level & right).sum(axis=1)
        hits[here] = ~above.any(axis=1) * rightful / (rivals + rightful)
        reciprocals[here] = 1 / (1 + above.sum(axis=1) + rivals / 2)
    return hits, reciprocals


def _pair_auroc(queries: Array, candidates: Array, alike: Array, seed: int) -> float | None:
    """Own pairs against pairs with one random other candidate for each query."""
    here = np.arange(len(queries))
    steps = np.random.default_rng(seed).integers(1, len(queries), len(queries))
    others = (here + steps) % len(queries)
    foreign = ~alike[here, others]
    own = (queries * candidates).sum(axis=1)
    wrong = (queries * candidates[others]).sum(axis=1)[foreign]
    labels = np.repeat([1, 0], [len(own), len(wrong)])
    return auroc(labels, np.concatenate([own, wrong]))


def _alike(rows: Sequence[Row], modality: Modality) -> Array:
    if modality is Modality.TEXT:
        keys = np.array([group_key(row) for row in rows])
    else:
        keys = np.array([str(getattr(row, modality.value)) for row in rows])
    same: Array = keys[:, None] == keys[None, :]
    return same

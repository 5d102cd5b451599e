"""Runs the classifier on pieces: encoders over like lengths, then one fusion over all views."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from moderation.inference.batching import batches_by_budget
from moderation.inference.cache import EmbeddingCache, Encoding, content_key
from moderation.inference.errors import NotFiniteError
from moderation.inference.isolation import Failure, bisected
from moderation.inference.pieces import Piece
from moderation.inference.recorded import steps_of
from moderation.inference.staging import Staging
from moderation.inference.steps import Steps
from moderation.inference.work import WorkCounts
from moderation.model import MODALITIES, Classifier, Embeddings, collate
from schemas import Modality

MAX_FUSED_VIEWS: Final = 1024
"""Rows of one fusion: a few tokens each, so this is small beside any batch of an encoder."""


@dataclass(frozen=True, slots=True)
class Budgets:
    """Work of one encoder batch, padding included."""

    text_tokens: int
    images: int
    audio_samples: int

    def of(self, modality: Modality) -> int:
        """The budget in the unit of :attr:`Piece.length`."""
        return {
            Modality.TEXT: self.text_tokens,
            Modality.IMAGE: self.images,
            Modality.AUDIO: self.audio_samples,
        }[modality]


CPU_BUDGETS: Final = Budgets(text_tokens=1_024, images=16, audio_samples=16 * 80_000)
"""Texts of mixed lengths took the compact model 10 % more CPU time with twice as many tokens and
60 % more with four times as many (``bench.performance.bare``): what lies between its layers then
leaves the cache, and more of it is padding."""

GPU_BUDGETS: Final = Budgets(text_tokens=65_536, images=512, audio_samples=512 * 80_000)
"""A GPU wants more work at once; where its memory is short, the batch is bisected."""


@dataclass(frozen=True, slots=True)
class ScoredView:
    """What the classifier says about one view of a post.

    Attributes:
        probabilities: calibrated, shape = (categories,).
        shares: shape = (categories, modalities), in the order of ``MODALITIES``.
        mismatch: probability that two modalities do not belong together, by their pair; only of
            pairs that are both there, and none for a model without a joint space.
    """

    probabilities: npt.NDArray[np.float32]
    shares: npt.NDArray[np.float32]
    mismatch: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pieces that an encoder works on, or has worked on: asking a GPU for numbers waits for it."""

    vectors: Tensor
    said: Sequence[str]
    finite: Tensor

    def encodings(self) -> list[Encoding]:
        return [
            Encoding(vector, words) for vector, words in zip(self.vectors, self.said, strict=True)
        ]


class Engine:
    """The classifier on its device.

    Args:
        classifier: in eval mode, on its device.
        bf16: compute in bfloat16 where that is safe (autocast); weights stay float32.
        budgets: of the batches.
        cache: of the encodings.
    """

    def __init__(
        self, classifier: Classifier, *, bf16: bool, budgets: Budgets, cache: EmbeddingCache
    ) -> None:
        self._classifier = classifier
        self._steps = Steps(classifier)
        self._bf16 = bf16
        self._budgets = budgets
        self._cache = cache
        self._staging = Staging(classifier.device)
        self.work = WorkCounts()

    def record(self) -> None:
        """From now on take the classifier's steps as recorded graphs, where that is possible."""
        self._steps = steps_of(self._classifier, bf16=self._bf16)

    def encode(self, pieces: Sequence[Piece]) -> list[Encoding | Failure]:
        """What its encoder says of each piece.

        Pieces of the same content are encoded once, and not again while the cache knows them.
        """
        keys = [content_key(piece) for piece in pieces]
        encodings: dict[bytes, Encoding | Failure] = {}
        new: dict[bytes, Piece] = {}
        for key, piece in zip(keys, pieces, strict=True):
            if key in encodings or key in new:
                continue
            known = self._cache.get(key)
            if known is None:
                new[key] = piece
            else:
                encodings[key] = known
        for key, encoding in zip(new, self._encode(list(new.values())), strict=True):
            encodings[key] = encoding
            if isinstance(encoding, Encoding):
                self._cache.put(key, encoding)
        return [encodings[key] for key in keys]

    def _encode(self, pieces: Sequence[Piece]) -> list[Encoding | Failure]:
        """Pieces of one modality and like length share a batch.

        All batches are begun before any is looked at: while the device computes one, the next is
        collated and copied. A batch that did not go well is done again, piece by piece if need be;
        what else was on the device is done by then.
        """
        begun = [(places, self._begun(pieces, places)) for places in self._batches(pieces)]
        fine = _all_at_once([batch.finite for _, batch in begun if batch is not None])
        encodings: dict[int, Encoding | Failure] = {}
        for places, batch in begun:
            if batch is not None and next(fine):
                encodings.update(zip(places, batch.encodings(), strict=True))
            else:
                again = bisected([pieces[place] for place in places], self._encode_batch)
                encodings.update(zip(places, again, strict=True))
        return [encodings[place] for place in range(len(pieces))]

    def _batches(self, pieces: Sequence[Piece]) -> Iterator[list[int]]:
        """The places of each batch's pieces."""
        of: dict[Modality, list[int]] = {}
        for place, piece in enumerate(pieces):
            of.setdefault(piece.modality, []).append(place)
        for modality, places in of.items():
            lengths = [pieces[place].length for place in places]
            for batch in batches_by_budget(lengths, self._budgets.of(modality)):
                yield [places[number] for number in batch]

    def _begun(self, pieces: Sequence[Piece], places: Sequence[int]) -> _Batch | None:
        """A batch that the device works on; None where it could not even begin."""
        try:
            return self._begin([pieces[place] for place in places])
        except torch.AcceleratorError:
            raise
        except Exception:  # noqa: BLE001 - done again, and told, by `bisected`
            return None

    def _begin(self, pieces: Sequence[Piece]) -> _Batch:
        model = self._classifier
        samples = [piece.sample for piece in pieces]
        inputs = collate(samples, tokenizer=model.tokenizer, config=model.config)
        inputs = self._staging.send(inputs)
        size = sum(tensor.nbytes for tensor in inputs.tensors())
        self.work.count(pieces[0].modality, [piece.length for piece in pieces], size)
        said = [""] * len(pieces)
        with self._fast():
            if model.spells and pieces[0].modality is Modality.AUDIO:
                vectors, said = self._steps.hear(inputs)
            else:
                vectors = self._steps.encode(inputs, pieces[0].modality)
            vectors = vectors.float()
            return _Batch(vectors, said, torch.isfinite(vectors).all())

    def _encode_batch(self, pieces: Sequence[Piece]) -> list[Encoding]:
        batch = self._begin(pieces)
        if not bool(batch.finite):
            raise _not_finite()
        return batch.encodings()

    def fuse(self, views: Sequence[Mapping[Modality, Tensor]]) -> list[ScoredView | Failure]:
        """Score views given as the vectors of their pieces."""
        scored: list[ScoredView | Failure] = []
        for start in range(0, len(views), MAX_FUSED_VIEWS):
            scored += bisected(views[start : start + MAX_FUSED_VIEWS], self._fuse_batch)
        return scored

    def _fuse_batch(self, views: Sequence[Mapping[Modality, Tensor]]) -> list[ScoredView]:
        embeddings = self._embeddings(views)
        with self._fast():
            fused = self._steps.fuse(embeddings)
            shares = self._shares(embeddings)
        _check_finite(fused.probabilities)
        _check_finite(shares)
        return [
            ScoredView(row, parts, known)
            for row, parts, known in zip(
                fused.probabilities.cpu().numpy(),
                shares.cpu().numpy(),
                _known(fused.mismatch),
                strict=True,
            )
        ]

    def _embeddings(self, views: Sequence[Mapping[Modality, Tensor]]) -> Embeddings:
        model = self._classifier
        nothing = {
            modality: torch.zeros(model.embedding_width(modality), device=model.device)
            for modality in MODALITIES
        }
        present = [[modality in view for modality in MODALITIES] for view in views]
        return Embeddings(
            {
                modality: torch.stack([view.get(modality, nothing[modality]) for view in views])
                for modality in MODALITIES
            },
            torch.tensor(present, device=model.device),
        )

    def _shares(self, embeddings: Embeddings) -> Tensor:
        # A single modality carries everything; only the others are worth the fusions without one.
        present = embeddings.present
        categories = len(self._classifier.categories)
        shares = present.float().unsqueeze(1).repeat(1, categories, 1)
        mixed = (present.sum(dim=1) > 1).nonzero().squeeze(1)
        if len(mixed):
            vectors = {name: vector[mixed] for name, vector in embeddings.vectors.items()}
            some = Embeddings(vectors, present[mixed])
            shares[mixed] = self._steps.shares(some).float()
        return shares

    @contextmanager
    def _fast(self) -> Iterator[None]:
        with torch.inference_mode():
            if not self._bf16:
                yield
                return
            with torch.autocast(self._classifier.device.type, torch.bfloat16):
                yield


def _known(mismatch: Mapping[str, Tensor]) -> list[dict[str, float]]:
    """By row, without the pairs of which one is absent."""
    columns = {pair: column.tolist() for pair, column in mismatch.items()}
    rows = len(next(iter(columns.values())))
    return [
        {pair: column[row] for pair, column in columns.items() if not math.isnan(column[row])}
        for row in range(rows)
    ]


def _all_at_once(flags: Sequence[Tensor]) -> Iterator[bool]:
    """Their values, by one wait for the device."""
    return iter(torch.stack(list(flags)).tolist() if flags else [])


def _check_finite(values: Tensor) -> None:
    if not bool(torch.isfinite(values).all()):
        raise _not_finite()


def _not_finite() -> NotFiniteError:
    return NotFiniteError("the classifier answered something that is no number")

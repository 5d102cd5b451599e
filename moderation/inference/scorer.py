"""The classifier as a scorer of posts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor

from moderation.inference.cache import (
    DEFAULT_CACHE_BYTES,
    CacheCounts,
    EmbeddingCache,
    Encoding,
)
from moderation.inference.cutting import cut_posts
from moderation.inference.engine import CPU_BUDGETS, GPU_BUDGETS, Budgets, Engine
from moderation.inference.errors import DeviceError, WarmUpError
from moderation.inference.hearing import cut_heard
from moderation.inference.isolation import Failure
from moderation.inference.merging import View, merged, readable_views
from moderation.inference.pieces import Piece
from moderation.inference.precision import Precision, in_precision
from moderation.inference.vectors import ViewVectors
from moderation.inference.work import EncoderWork
from moderation.media import SAMPLE_RATE_HZ, DecodedPost
from moderation.model import Classifier, prepare_image
from moderation.scoring import PostScores
from schemas import Category, Modality

SHIPPED_MODEL_DIR: Final = Path(__file__).parent.parent / "weights" / "compact"
"""The model that comes with this package."""


class Scorer:
    """Scores posts with a :class:`~moderation.model.Classifier`; a ``PostScorer``.

    What a post holds is cut into pieces: up to four windows of its text, every picture, up to
    twelve windows of every sound, and the words that were read or heard in them; a model that
    spells by ear reads what it heard itself. Each piece is encoded once, and seen in at least one
    *view* together with a piece of each other modality. A
    category's score is its highest over the views: one bad picture among harmless ones counts. (So
    a post of many pieces scores higher by chance than a short one; calibration is that of a single
    view.) Where it is strongest is kept as its place.

    Args:
        model: a folder that ``Classifier.save_pretrained`` wrote, or a classifier. In fp32 that
            very one is moved to the device and put into eval mode, else a copy of it.
        device: ``auto`` (a GPU if there is one), ``cpu``, ``cuda`` or ``cuda:N``.
        precision: of the numbers that it computes with.
        budgets: of the batches; by default for the device.
        cache_bytes: memory on the device for vectors of pieces seen before; 0 for none.

    Raises:
        ModelFolderError: the folder is no model.
        DeviceError: there is no such device, or it cannot compute in this precision.
    """

    def __init__(
        self,
        model: str | Path | Classifier = SHIPPED_MODEL_DIR,
        device: str = "auto",
        *,
        precision: Precision = "auto",
        budgets: Budgets | None = None,
        cache_bytes: int = DEFAULT_CACHE_BYTES,
    ) -> None:
        chosen = choose_device(device)
        on_gpu = chosen.type == "cuda"
        classifier = model if isinstance(model, Classifier) else Classifier.from_pretrained(model)
        self._encoder = classifier.version
        self._classifier, bf16 = in_precision(classifier, precision, chosen)
        # Matrices kept in bfloat16 hash otherwise, and judge as those that autocast rounds.
        self._version = self._encoder if bf16 else self._classifier.version
        self._vectors = ViewVectors(self._classifier)
        self._cache = EmbeddingCache(cache_bytes)
        self._engine = Engine(
            self._classifier,
            bf16=bf16,
            budgets=budgets or (GPU_BUDGETS if on_gpu else CPU_BUDGETS),
            cache=self._cache,
        )

    @property
    def version(self) -> str:
        """Name and content hash of the model, e.g. ``compact@sha256:1a2b3c4d5e6f``.

        It ends in ``+int8`` where the model computes in int8.
        """
        return self._version

    @property
    def encoder(self) -> str:
        """The version of the model that gives the vectors, in whichever numbers it computes.

        Vectors by int8 and bf16 lie so near to those by fp32 that they are sought in one bank; see
        :data:`~moderation.inference.EMBEDDING_TOLERANCE`.
        """
        return self._encoder

    @property
    def categories(self) -> tuple[Category, ...]:
        """What it scores, in order."""
        return self._classifier.categories

    @property
    def picture_size(self) -> int:
        """Side in pixels of what :meth:`prepare` makes of a picture."""
        return self._classifier.config.image.size

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return self._classifier.device

    @property
    def cache_counts(self) -> CacheCounts:
        """How often a piece was known from before; may be read from any thread."""
        return self._cache.counts

    @property
    def encoder_work(self) -> Mapping[Modality, EncoderWork]:
        """What its encoders have worked on; may be read from any thread."""
        return self._engine.work.so_far()

    def warm_up(self) -> None:
        """Score a post with all modalities, so that kernels are chosen and memory is there.

        Before that the model's steps are recorded where it computes on a CPU, which makes small
        batches up to twice as fast; see :mod:`moderation.inference.recorded`. Call it once, before
        threads score.

        Raises:
            WarmUpError: the model cannot score it.
        """
        post = DecodedPost(
            post_id="warm-up",
            text="A warm welcome to everyone.",
            images=(np.full((64, 64, 3), 128, np.uint8),),
            audio=(np.zeros(SAMPLE_RATE_HZ, np.float32),),
        )
        self._engine.record()
        (result,) = self.score([post])
        if result.not_scanned:
            missed = "; ".join(f"{entry.modality}: {entry.detail}" for entry in result.not_scanned)
            raise WarmUpError(
                f"{self.version} cannot score a plain post on {self.device} ({missed}); "
                "check the model folder with `moderation evaluate`"
            )

    def prepare(self, post: DecodedPost) -> DecodedPost:
        """The post with its pictures as the model sees them, on whichever thread calls.

        Scored alike with and without; but pictures are large, and what the threads that decode them
        do keeps none of those waiting that score.
        """
        if not post.images:
            return post
        size = self.picture_size
        return replace(post, images=tuple(prepare_image(pixels, size) for pixels in post.images))

    def score(self, posts: Sequence[DecodedPost], *, embed: bool = False) -> list[PostScores]:
        """Score posts, in their order; with the vectors of their views where ``embed`` asks.

        A piece on which the model raises, or answers no number, is an entry of ``not_scanned``
        (``model_failed``); the post's other pieces and the other posts are scored all the same. A
        post without anything that could be looked at has no scores.

        Raises:
            torch.AcceleratorError: the device is broken; only a new process helps.
        """
        cut = cut_posts(posts, self._classifier.tokenizer, self._classifier.config)
        encodings = self._encode(piece for post in cut for piece in post.all_pieces())
        heard = cut_heard(posts, cut, encodings, self._classifier.tokenizer)
        words = (word for post in cut for word in post.words if word not in encodings)
        encodings |= self._encode(words)
        views = [readable_views(post, encodings) for post in cut]
        shown = [[_by_modality(view) for view in own] for own in views]
        fused = iter(self._engine.fuse([view for own in shown for view in own]))
        return [
            merged(
                post,
                into,
                encodings,
                [(view, next(fused)) for view in own],
                categories=self.categories,
                model=self._version,
                heard=said,
                embeddings=self._vectors.of(seen) if embed else None,
            )
            for post, into, own, seen, said in zip(posts, cut, views, shown, heard, strict=True)
        ]

    def _encode(self, pieces: Iterable[Piece]) -> dict[Piece, Encoding | Failure]:
        chosen = list(pieces)
        return dict(zip(chosen, self._engine.encode(chosen), strict=True))


def _by_modality(view: View) -> dict[Modality, Tensor]:
    return {piece.modality: vector for piece, vector in view.items()}


def choose_device(name: str) -> torch.device:
    """The device by name; ``auto`` is a GPU if there is one, else the CPU.

    Raises:
        DeviceError: there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
    except RuntimeError:
        raise DeviceError(f"{name!r} names no device; use auto, cpu, cuda or cuda:N") from None
    if device.type not in ("cpu", "cuda"):
        raise DeviceError(f"{name!r} is not supported; use auto, cpu, cuda or cuda:N")
    found = torch.cuda.device_count()
    if device.type == "cuda" and (device.index or 0) >= found:
        raise DeviceError(f"{name!r} is not there: this process sees {found} GPUs; use auto or cpu")
    return device

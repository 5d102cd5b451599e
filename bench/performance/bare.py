"""The bare model: ``python -m bench.performance.bare --mix text --posts 2000``.

Only its forward passes, over posts that were decoded, tokenised, sorted by length and batched
before the clock starts, in the batch size that turns out best. Nothing that serves a model can be
faster. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Sequence
from typing import Final

import torch

from bench.performance.decoded import decoded
from bench.performance.made_posts import MIXES, Mix, make_posts
from moderation.inference import (
    CPU_BUDGETS,
    GPU_BUDGETS,
    SHIPPED_MODEL_DIR,
    Budgets,
    batches_by_budget,
    choose_device,
)
from moderation.inference.cutting import cut_posts
from moderation.inference.pieces import Piece
from moderation.inference.precision import Precision, in_precision
from moderation.media import DecodedPost
from moderation.model import MODALITIES, Classifier, Embeddings, ModelInputs, collate
from schemas import Modality
from workers.moderator.settings import available_cores

SCALES: Final = (0.25, 0.5, 1.0, 2.0)
"""Of the budgets that the worker uses, among which the best batch size is sought."""

PASSES: Final = 3  # timed ones with each budget, after one that is not; the best counts


@dataclasses.dataclass(frozen=True, slots=True)
class Bare:
    """The best of all budgets.

    Attributes:
        rate: posts a second.
        cpu_ms: CPU milliseconds a post.
        scale: of the worker's budgets.
    """

    rate: float
    cpu_ms: float
    scale: float


class Prepared:
    """Posts on the device, in batches under a budget.

    Args:
        model: in eval mode, on its device.
        posts: decoded.
        budgets: of the batches.
        bf16: as the worker computes on a GPU.
    """

    def __init__(
        self, model: Classifier, posts: Sequence[DecodedPost], budgets: Budgets, *, bf16: bool
    ) -> None:
        self._model, self._bf16 = model, bf16
        self._count = len(posts)
        pieces = [
            p for post in cut_posts(posts, model.tokenizer, model.config) for p in post.all_pieces()
        ]
        self._batches = [
            (modality, self._collated([own[place] for place in batch]))
            for modality in MODALITIES
            if (own := [piece for piece in pieces if piece.modality is modality])
            for batch in batches_by_budget([p.length for p in own], budgets.of(modality))
        ]

    def _collated(self, pieces: Sequence[Piece]) -> ModelInputs:
        samples = [piece.sample for piece in pieces]
        model = self._model
        batch = collate(samples, tokenizer=model.tokenizer, config=model.config)
        return batch.to(model.device)

    def forward(self) -> None:
        """Every encoder over its batches, and the fusion over as many rows as there are posts."""
        model = self._model
        with (
            torch.inference_mode(),
            torch.autocast(model.device.type, torch.bfloat16, enabled=self._bf16),
        ):
            vectors: dict[Modality, list[torch.Tensor]] = {m: [] for m in MODALITIES}
            for modality, batch in self._batches:
                vectors[modality].append(model.encode_modality(batch, modality).float())
            model.fuse(self._embeddings(vectors))
        if model.device.type == "cuda":
            torch.cuda.synchronize()

    def _embeddings(self, vectors: dict[Modality, list[torch.Tensor]]) -> Embeddings:
        model, filled, present = self._model, {}, []
        for modality in MODALITIES:
            full = torch.zeros(self._count, model.embedding_width(modality), device=model.device)
            rows = torch.cat(vectors[modality])[: self._count] if vectors[modality] else full[:0]
            full[: len(rows)] = rows
            filled[modality] = full
            here = torch.arange(self._count, device=model.device) < len(rows)
            present.append(here)
        return Embeddings(filled, torch.stack(present, dim=1))


def measure(mix: Mix, posts: int, device: str, precision: Precision) -> Bare:
    """The best rate over the budgets."""
    chosen = choose_device(device)
    torch.set_num_threads(available_cores())
    model, bf16 = in_precision(Classifier.from_pretrained(SHIPPED_MODEL_DIR), precision, chosen)
    made = decoded(make_posts(mix, posts))
    usual = GPU_BUDGETS if chosen.type == "cuda" else CPU_BUDGETS
    return max(
        (_timed(model, made, _scaled(usual, scale), scale, bf16=bf16) for scale in SCALES),
        key=lambda bare: bare.rate,
    )


def _timed(
    model: Classifier, posts: Sequence[DecodedPost], budgets: Budgets, scale: float, *, bf16: bool
) -> Bare:
    prepared = Prepared(model, posts, budgets, bf16=bf16)
    prepared.forward()
    taken = []
    for _ in range(PASSES):
        wall, cpu = time.perf_counter(), time.process_time()
        prepared.forward()
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(seconds for seconds, _ in taken), min(cpu for _, cpu in taken)
    return Bare(len(posts) / wall, cpu / len(posts) * 1000, scale)


def _scaled(budgets: Budgets, scale: float) -> Budgets:
    return Budgets(
        **{
            field.name: max(1, int(getattr(budgets, field.name) * scale))
            for field in dataclasses.fields(budgets)
        }
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mix", choices=MIXES, default="text")
    parser.add_argument("--posts", type=int, default=2_000)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--precision", default="auto")
    given = parser.parse_args()
    found = measure(given.mix, given.posts, given.device, given.precision)
    print(json.dumps(dataclasses.asdict(found)))


if __name__ == "__main__":
    main()

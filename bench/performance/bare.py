"""The bare model: ``python -m bench.performance.bare --mix text --posts 2000``.

Only its forward passes, over posts that were decoded, tokenised, sorted by length and batched
before the clock starts, in the batch size that turns out best; on a CPU also by whichever is
faster, a thread a core for every batch or a batch a core. Nothing that serves a model can be
faster. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Final

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
from moderation.inference.recorded import steps_of
from moderation.inference.steps import Steps
from moderation.media import DecodedPost
from moderation.model import MODALITIES, Classifier, Embeddings, ModelInputs, collate
from schemas import Modality
from workers.moderator.machine_settings import available_cores

SCALES: Final = (0.25, 0.5, 1.0, 2.0)
"""Of the budgets that the worker uses, among which the best batch size is sought."""

FUSED_ROWS: Final = 128
"""At once: on a CPU they stay in the cache, and each thread has some."""

Map = Callable[..., Iterable[Any]]
"""``map`` of Python, or of an executor."""

PASSES: Final = 3  # timed ones with each budget, after one that is not; the best counts


@dataclasses.dataclass(frozen=True, slots=True)
class Bare:
    """The best of all budgets.

    Attributes:
        rate: posts a second.
        cpu_ms: CPU milliseconds a post.
        scale: of the worker's budgets.
        side_by_side: batches at once.
    """

    rate: float
    cpu_ms: float
    scale: float
    side_by_side: int


class Prepared:
    """Posts on the device, in batches under a budget.

    Args:
        model: in eval mode, on its device.
        steps: of the model, as the worker takes them.
        posts: decoded.
        budgets: of the batches.
        bf16: as the worker computes on a GPU.
    """

    def __init__(
        self,
        model: Classifier,
        steps: Steps,
        posts: Sequence[DecodedPost],
        budgets: Budgets,
        *,
        bf16: bool,
    ) -> None:
        self._model, self._steps, self._bf16 = model, steps, bf16
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

    def forward(self, side_by_side: Map = map) -> None:
        """Every encoder over its batches, and the fusion over as many rows as there are posts.

        Args:
            side_by_side: applies a function to the batches, perhaps on several threads.
        """
        vectors: dict[Modality, list[torch.Tensor]] = {m: [] for m in MODALITIES}
        for modality, encoded in side_by_side(self._encoded, self._batches):
            vectors[modality].append(encoded)
        list(side_by_side(self._fused, _parts(self._embeddings(vectors))))
        if self._model.device.type == "cuda":
            torch.cuda.synchronize()

    def _encoded(self, one: tuple[Modality, ModelInputs]) -> tuple[Modality, torch.Tensor]:
        modality, batch = one
        with self._fast():
            return modality, self._steps.encode(batch, modality).float()

    def _fused(self, rows: Embeddings) -> None:
        with self._fast():
            self._steps.fuse(rows)

    def _fast(self) -> ExitStack:
        stack = ExitStack()
        stack.enter_context(torch.inference_mode())
        kind = self._model.device.type
        stack.enter_context(torch.autocast(kind, torch.bfloat16, enabled=self._bf16))
        return stack

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


def _parts(rows: Embeddings) -> Iterator[Embeddings]:
    """Every :data:`FUSED_ROWS` of them."""
    for start in range(0, len(rows.present), FUSED_ROWS):
        part = slice(start, start + FUSED_ROWS)
        vectors = {modality: vectors[part] for modality, vectors in rows.vectors.items()}
        yield Embeddings(vectors, rows.present[part])


def measure(mix: Mix, posts: int, device: str, precision: Precision) -> Bare:
    """The best rate over the budgets."""
    chosen = choose_device(device)
    model, bf16 = in_precision(Classifier.from_pretrained(SHIPPED_MODEL_DIR), precision, chosen)
    steps = steps_of(model, bf16=bf16)
    made = decoded(make_posts(mix, posts))
    usual = GPU_BUDGETS if chosen.type == "cuda" else CPU_BUDGETS
    cores = available_cores() if chosen.type == "cpu" else 1
    found = []
    for scale, side_by_side in itertools.product(SCALES, sorted({1, cores})):
        torch.set_num_threads(max(1, cores // side_by_side))
        prepared = Prepared(model, steps, made, _scaled(usual, scale), bf16=bf16)
        with ThreadPoolExecutor(side_by_side) as threads:
            wall, cpu = _best(prepared, map if side_by_side == 1 else threads.map)
        found.append(Bare(len(made) / wall, cpu / len(made) * 1000, scale, side_by_side))
    return max(found, key=lambda bare: bare.rate)


def _best(prepared: Prepared, side_by_side: Map) -> tuple[float, float]:
    """Seconds of the clock and of the CPU that a pass takes."""
    prepared.forward(side_by_side)
    taken = []
    for _ in range(PASSES):
        wall, cpu = time.perf_counter(), time.process_time()
        prepared.forward(side_by_side)
        taken.append((time.perf_counter() - wall, time.process_time() - cpu))
    return min(seconds for seconds, _ in taken), min(cpu for _, cpu in taken)


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

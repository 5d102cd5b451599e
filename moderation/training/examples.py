"""Rows to what an encoder eats: token ids, prepared pixels, waveforms, with targets and costs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor

from moderation.evaluation import Row, read_audio, read_image
from moderation.model import SAMPLE_RATE, Classifier, Sample, prepare_image
from moderation.training.loss import targets
from schemas import Modality

BUCKET_BATCHES = 50  # batches sorted by length together: like lengths, and still a shuffled epoch


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows that have one modality, ready for its encoder.

    Attributes:
        samples: one a row, with just that modality.
        target: shape = (rows, categories).
        costs: what each row adds to a batch: tokens, pictures or seconds.
    """

    samples: Sequence[Sample]
    target: Tensor
    costs: Sequence[float]

    def __len__(self) -> int:
        return len(self.samples)


def load_examples(
    model: Classifier, rows: Sequence[Row], modality: Modality, *, max_tokens: int
) -> Examples:
    """Read and prepare one modality of the rows that have it.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    own = [row for row in rows if modality in row.modalities]
    samples: list[Sample]
    if modality is Modality.TEXT:
        ids = model.tokenizer.encode([row.text or "" for row in own])
        end = ids[0][-1] if ids else 0
        cut = [i if len(i) <= max_tokens else [*i[: max_tokens - 1], end] for i in ids]
        samples = [Sample(text=i) for i in cut]
        costs = [float(len(i)) for i in cut]
    elif modality is Modality.IMAGE:
        size = model.config.image.size
        pictures = (read_image(row.image) for row in own if row.image)
        samples = [Sample(image=prepare_image(picture, size)) for picture in pictures]
        costs = [1.0] * len(own)
    else:
        longest = model.config.audio.max_samples
        sounds = [read_audio(row.audio)[:longest] for row in own if row.audio]
        samples = [Sample(audio=sound) for sound in sounds]
        costs = [len(sound) / SAMPLE_RATE for sound in sounds]
    return Examples(samples, targets([row.labels for row in own], model.categories), costs)


def bucketed_batches(
    costs: Sequence[float], *, batch_cost: float, draw: random.Random | None
) -> Iterator[list[int]]:
    """Group rows of like cost; a batch's padded cost stays within a budget.

    Args:
        costs: of each row.
        batch_cost: the most that rows times their greatest cost may be; one row always fits.
        draw: shuffles rows and batches; None keeps one order, shortest first.
    """
    order = list(range(len(costs)))
    if draw is None:
        yield from _cut(sorted(order, key=costs.__getitem__), costs, batch_cost)
        return
    draw.shuffle(order)
    mean = sum(costs) / max(1, len(costs))
    bucket = max(1, int(BUCKET_BATCHES * batch_cost / max(mean, 1e-9)))
    batches: list[list[int]] = []
    for at in range(0, len(order), bucket):
        batches += _cut(sorted(order[at : at + bucket], key=costs.__getitem__), costs, batch_cost)
    draw.shuffle(batches)
    yield from batches


def _cut(order: Sequence[int], costs: Sequence[float], budget: float) -> Iterator[list[int]]:
    batch: list[int] = []
    for row in order:  # ascending: the newest row is the longest
        if batch and (len(batch) + 1) * costs[row] > budget:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch

"""The rows that have one modality, read into memory, with targets and costs."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor

from moderation.evaluation import Row, read_audio, read_image
from moderation.model import SAMPLE_RATE, Classifier, prepare_image
from moderation.training.loss import targets
from schemas import Modality

BUCKET_BATCHES = 50  # batches sorted by length together: like lengths, and still a shuffled epoch
CROP_MARGIN = 8 / 7  # side of a training picture over the model's: room to crop from
AMPLITUDE = 32_767  # of int16, which holds a sound in half the memory of float32


@dataclass(frozen=True, slots=True)
class Examples:
    """The rows that have one modality, before what is drawn anew in each epoch.

    Attributes:
        modality: which.
        pieces: a string, a picture (uint8, shape = (3, side, side)) or a sound (int16, shape =
            (samples,)) a row.
        target: shape = (rows, categories).
        costs: what each row adds to a batch: tokens, pictures or seconds.
        rows: where they come from.
        transcripts: what is spoken in each sound; empty where that is unknown or the sound was cut.
    """

    modality: Modality
    pieces: Sequence[Any]
    target: Tensor
    costs: Sequence[float]
    rows: Sequence[Row]
    transcripts: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.pieces)

    @property
    def sources(self) -> list[str]:
        """Of each row."""
        return [row.source for row in self.rows]


def load_examples(
    model: Classifier,
    rows: Sequence[Row],
    modality: Modality,
    *,
    max_tokens: int,
    crop_margin: float = 1.0,
) -> Examples:
    """Read one modality of the rows that have it.

    Args:
        model: whose tokenizer and sizes count.
        rows: of one split.
        modality: which.
        max_tokens: a text costs no more, since it is cut there.
        crop_margin: side of a picture over the model's.

    Raises:
        ManifestError: a media file is missing or broken.
    """
    own = [row for row in rows if modality in row.modalities]
    pieces: list[Any] = []
    transcripts: list[str] = []
    if modality is Modality.TEXT:
        pieces = [row.text for row in own]
        costs = [float(min(len(ids), max_tokens)) for ids in model.tokenizer.encode(pieces)]
    elif modality is Modality.IMAGE:
        side = round(model.config.image.size * crop_margin)
        pieces = [prepare_image(read_image(row.image), side) for row in own if row.image]
        costs = [1.0] * len(own)
    else:
        longest = model.config.audio.max_samples
        whole = ((row, read_audio(row.audio)) for row in own if row.audio)
        for row, sound in whole:
            pieces.append((sound[:longest].clip(-1, 1) * AMPLITUDE).astype(np.int16))
            transcripts.append(row.transcript if len(sound) <= longest else "")
        costs = [len(sound) / SAMPLE_RATE for sound in pieces]
    target = targets([row.labels for row in own], model.categories)
    return Examples(modality, pieces, target, costs, own, transcripts)


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

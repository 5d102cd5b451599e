"""Whole posts, of any modalities, read when their batch is made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import torch
from torch import Tensor

from moderation.evaluation import Row, read_audio, read_image
from moderation.model import SAMPLE_RATE, Classifier, ModelInputs, Sample, collate, prepare_image
from moderation.training.examples import bucketed_batches
from moderation.training.loss import targets

PICTURE_COST: Final = 64.0  # tokens of text that take about as long
SECOND_COST: Final = 25.0  # tokens in a second of sound: an encoder's frame every 40 ms


class Posts:
    """Posts as batches of a model's inputs.

    A text or sound that is longer than a model's window is cut.

    Args:
        rows: labelled or not.
        model: by whose tokenizer texts are counted.
    """

    def __init__(self, rows: Sequence[Row], model: Classifier) -> None:
        self.rows = rows
        self.target = targets([row.labels for row in rows], model.categories)
        self.target = self.target.view(len(rows), len(model.categories))
        lengths = model.tokenizer.encode([row.text or "" for row in rows])
        most = model.config.text.max_tokens
        self.costs = [
            min(len(ids), most) + PICTURE_COST * bool(row.image) + self._longest(row, model)
            for row, ids in zip(rows, lengths, strict=True)
        ]

    def __len__(self) -> int:
        return len(self.rows)

    def samples(self, places: Sequence[int], model: Classifier) -> list[Sample]:
        """Read the posts at these places, as large as the model wants them.

        Raises:
            ManifestError: a media file is missing or broken.
        """
        return [self._sample(self.rows[place], model) for place in places]

    def logits(self, model: Classifier, *, batch_cost: float) -> Tensor:
        """What a model, in eval mode, says about all posts, on the CPU; (posts, categories)."""
        result = torch.zeros(len(self), len(model.categories))
        with torch.inference_mode():
            for places in self.batches(batch_cost):
                inputs = batch_of(self.samples(places, model), model)
                result[places] = model(inputs).logits.float().cpu()
        return result

    def batches(self, batch_cost: float) -> Iterator[list[int]]:
        """All posts, shortest first."""
        return bucketed_batches(self.costs, batch_cost=batch_cost, draw=None)

    @staticmethod
    def _longest(row: Row, model: Classifier) -> float:
        return SECOND_COST * model.config.audio.max_seconds if row.audio else 0.0

    @staticmethod
    def _sample(row: Row, model: Classifier) -> Sample:
        size, longest = model.config.image.size, model.config.audio.max_seconds * SAMPLE_RATE
        return Sample(
            text=row.text,
            image=prepare_image(read_image(row.image), size) if row.image else None,
            audio=read_audio(row.audio)[: int(longest)] if row.audio else None,
        )


def batch_of(samples: Sequence[Sample], model: Classifier) -> ModelInputs:
    """The inputs of a model, on its device."""
    return collate(samples, tokenizer=model.tokenizer, config=model.config).to(model.device)

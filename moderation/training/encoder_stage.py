"""The first stages: one encoder learns its modality with a linear head of its own."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Final

import torch
from torch import Tensor, nn

from moderation.model import Classifier, ModelInputs
from moderation.training.batch import BatchMaker
from moderation.training.dev_figure import DevFigure, dev_figure
from moderation.training.device import mixed_precision
from moderation.training.examples import Examples, bucketed_batches
from moderation.training.learner import Batch, Learner
from moderation.training.loss import masked_bce, positive_weights

EVALUATION_COST: Final = 2  # batches twice as large when no gradients are kept

LabelledInputs = tuple[ModelInputs, Tensor]


class HeadLearner(Learner[Batch]):
    """An encoder and a linear head, which is thrown away after the stage.

    Args:
        model: whose encoder is taught, in place.
        train: what it learns from.
        dev: what it is measured on.
        make_batch: of either.
        batch_cost: the most that a batch's padded cost may be.
    """

    def __init__(
        self,
        model: Classifier,
        train: Examples,
        dev: Examples,
        *,
        make_batch: BatchMaker,
        batch_cost: float,
    ) -> None:
        super().__init__()
        self.data, self.dev = train, dev
        self.make_batch, self.batch_cost = make_batch, batch_cost
        self.encoder = model.encoder_of(train.modality)
        width = model.embedding_width(train.modality)
        self.head = nn.Linear(width, len(model.categories)).to(model.device)
        self.weight = positive_weights(train.target).to(model.device)
        self._model = [model]  # in a list: its other parts are not this module's

    @property
    def model(self) -> Classifier:
        """The whole classifier."""
        return self._model[0]

    def describe(self) -> str:
        """Rows and their cost."""
        return f"{len(self.data)} {self.data.modality} rows of cost {sum(self.data.costs):.0f}"

    def new_parameters(self) -> Iterable[nn.Parameter]:
        """The head's."""
        return self.head.parameters()

    def batches(self, draw: random.Random) -> list[list[int]]:
        """Rows of like cost."""
        return list(bucketed_batches(self.data.costs, batch_cost=self.batch_cost, draw=draw))

    def evaluate(self) -> DevFigure:
        """Encode the dev rows and judge."""
        vectors = encode_all(self.model, self.dev, self.make_batch, batch_cost=self.batch_cost)
        with torch.inference_mode():
            return self.judge(vectors)

    def judge(self, vectors: Tensor) -> DevFigure:
        """AUROC of the head.

        Args:
            vectors: of the dev rows, shape = (rows, width of the encoder).
        """
        scores = self.head(vectors.to(self.model.device)).cpu().numpy()
        return dev_figure(scores, self.dev.target.numpy(), self.dev.sources, self.model.categories)


class EncoderLearner(HeadLearner[LabelledInputs]):
    """An encoder and a linear head; the loss is that of the labels."""

    def prepare(self, rows: list[int], draw: random.Random) -> LabelledInputs:
        """Changed pieces and their targets."""
        return self.make_batch(self.data, rows, draw), self.data.target[rows]

    def forward(self, batch: LabelledInputs) -> Mapping[str, Tensor]:
        """The loss on the labels."""
        inputs, target = batch[0].to(self.model.device), batch[1].to(self.model.device)
        with mixed_precision(self.model.device):
            logits = self.head(self.model.encode_modality(inputs, self.data.modality))
        return {"labels": masked_bce(logits, target, positive_weight=self.weight)}


def encode_all(
    model: Classifier, examples: Examples, make_batch: BatchMaker, *, batch_cost: float
) -> Tensor:
    """The encoder's vectors of all examples, on the CPU, shape = (examples, width)."""
    modality = examples.modality
    model.encoder_of(modality).eval()
    vectors = torch.zeros(len(examples), model.embedding_width(modality))
    budget = batch_cost * EVALUATION_COST
    with torch.inference_mode(), mixed_precision(model.device):
        for rows in bucketed_batches(examples.costs, batch_cost=budget, draw=None):
            inputs = make_batch(examples, rows).to(model.device)
            vectors[rows] = model.encode_modality(inputs, modality).float().cpu()
    return vectors

"""The last stage: adapters, fusion and heads on top of encoders that are kept as they are.

The encoders' vectors are computed once; a batch then mixes them freely.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Self

import torch
from torch import Tensor, nn

from moderation.evaluation import Row
from moderation.model import MODALITIES, Classifier, Embeddings
from moderation.training.contrast import Pairs, pair_losses
from moderation.training.dev_figure import DevFigure, dev_figure
from moderation.training.learner import Learner
from moderation.training.loss import masked_bce, positive_weights
from moderation.training.mixing import Encoded, add_company, anchors, drop_modalities
from moderation.training.recipe import Recipe

ENCODERS: Final = frozenset({"text_encoder", "image_encoder", "audio_encoder"})
EVALUATION_ROWS: Final = 1024  # fused at once when no gradients are kept


class FusionParts(nn.Module):
    """What is above a classifier's encoders, sharing its weights."""

    def __init__(self, model: Classifier) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(
            {name: part for name, part in model.named_children() if name not in ENCODERS}
        )
        self.heads = nn.ParameterDict(dict(model.named_parameters(recurse=False)))


Mixed = tuple[Encoded, list[Pairs]]


class FusionLearner(Learner[Mixed]):
    """All of a classifier but its encoders.

    The losses are that of the labels of mixed posts, and that of pieces that belong together.

    Args:
        model: that is taught, in place.
        train: what it learns from.
        dev: what it is measured on.
        sources: of the dev rows.
        batch_rows: posts in a batch.
        pairs: of the training rows; they count only for a model with a joint space.
        contrastive_weight: of their loss.
    """

    def __init__(
        self,
        model: Classifier,
        train: Encoded,
        dev: Encoded,
        *,
        sources: list[str],
        batch_rows: int,
        pairs: Sequence[Pairs] = (),
        contrastive_weight: float = 0.0,
    ) -> None:
        super().__init__()
        self.data, self.dev, self.sources = train, dev, sources
        self.batch_rows = batch_rows
        self.pairs = pairs if model.joint_space is not None and contrastive_weight > 0 else ()
        self.contrastive_weight = contrastive_weight
        self.parts = FusionParts(model)
        self.pools = [
            train.present[:, place].nonzero().flatten() for place in range(len(MODALITIES))
        ]
        self.weight = positive_weights(train.target).to(model.device)
        self._model = [model]  # in a list: its encoders are not this module's

    @classmethod
    def of(
        cls,
        recipe: Recipe,
        model: Classifier,
        train: Encoded,
        dev: Encoded,
        *,
        dev_rows: Sequence[Row],
        pairs: Sequence[Pairs],
    ) -> Self:
        """What learns as the recipe says."""
        return cls(
            model,
            train,
            dev,
            sources=[row.source for row in dev_rows],
            batch_rows=recipe.fusion.batch_cost,
            pairs=pairs,
            contrastive_weight=recipe.contrastive_weight,
        )

    @property
    def model(self) -> Classifier:
        """The whole classifier."""
        return self._model[0]

    def describe(self) -> str:
        """Rows by modality."""
        counts = zip(MODALITIES, self.pools, strict=True)
        return " + ".join(f"{len(pool)} {modality}" for modality, pool in counts) + " rows"

    def new_parameters(self) -> Iterable[nn.Parameter]:
        """The heads'."""
        return self.parts.heads.parameters()

    def batches(self, draw: random.Random) -> list[list[int]]:
        """Rows to start from."""
        rows = anchors(self.pools, generator_of(draw))
        return [part.tolist() for part in torch.split(rows, self.batch_rows)]

    def prepare(self, rows: list[int], draw: random.Random) -> Mixed:
        """Rows with company, some without a modality that they had; and pairs beside them."""
        mixed = add_company(self.data, torch.tensor(rows), self.pools, generator_of(draw))
        pairs = [pair.draw(self.batch_rows, draw) for pair in self.pairs]
        return drop_modalities(mixed, draw), pairs

    def forward(self, batch: Mixed) -> Mapping[str, Tensor]:
        """The loss on the labels, and that on each kind of pairs."""
        device = self.model.device
        posts, pairs = batch[0].to(device), [pair.to(device) for pair in batch[1]]
        logits = self.model.fuse(Embeddings(posts.vectors, posts.present)).logits
        losses = {"labels": masked_bce(logits, posts.target, positive_weight=self.weight)}
        for name, loss in pair_losses(self.model, pairs).items():
            losses[name] = self.contrastive_weight * loss
        return losses

    def evaluate(self) -> DevFigure:
        """AUROC of the heads on the dev rows."""
        scores = fuse_all(self.model, self.dev).numpy()
        return dev_figure(scores, self.dev.target.numpy(), self.sources, self.model.categories)


def fuse_all(model: Classifier, data: Encoded) -> Tensor:
    """Logits before calibration, on the CPU, shape = (rows, categories)."""
    model.eval()
    logits = []
    with torch.inference_mode():
        for rows in torch.split(torch.arange(len(data)), EVALUATION_ROWS):
            posts = data.rows(rows).to(model.device)
            logits.append(model.fuse(Embeddings(posts.vectors, posts.present)).logits.cpu())
    return torch.cat(logits).clone()


def generator_of(draw: random.Random) -> torch.Generator:
    """Torch's own draws, seeded by Python's."""
    return torch.Generator().manual_seed(draw.getrandbits(32))

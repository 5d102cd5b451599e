"""The first stages: one encoder learns its modality with a linear head of its own."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from moderation.evaluation import auroc
from moderation.model import Classifier, collate
from moderation.training.augment import augment
from moderation.training.examples import Examples, bucketed_batches
from moderation.training.loss import masked_bce, positive_weights
from moderation.training.recipe import StageRecipe
from moderation.training.stage import Reporter, run_stage
from schemas import Modality

EVALUATION_COST: Final = 2  # batches twice as large when no gradients are kept


def encoder_of(model: Classifier, modality: Modality) -> nn.Module:
    """The module that reads a modality."""
    return {
        Modality.TEXT: model.text_encoder,
        Modality.IMAGE: model.image_encoder,
        Modality.AUDIO: model.audio_encoder,
    }[modality]


def train_encoder(
    model: Classifier,
    modality: Modality,
    *,
    train: Examples,
    dev: Examples,
    recipe: StageRecipe,
    seed: int,
    reporter: Reporter,
) -> None:
    """Train one encoder in place."""
    draw = random.Random(seed)
    encoder = encoder_of(model, modality)
    head = nn.Linear(model.embedding_width(modality), len(model.categories))
    weight = positive_weights(train.target)

    def batches(_epoch: int) -> list[Callable[[], Tensor]]:
        encoder.train()
        return [
            partial(loss_of, rows)
            for rows in bucketed_batches(train.costs, batch_cost=recipe.batch_cost, draw=draw)
        ]

    def loss_of(rows: list[int]) -> Tensor:
        samples = [augment(train.samples[row], draw) for row in rows]
        inputs = collate(samples, tokenizer=model.tokenizer, config=model.config)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = head(model.encode_modality(inputs, modality))
        return masked_bce(logits, train.target[rows], positive_weight=weight)

    def after_epoch(_epoch: int) -> str:
        vectors = encode_all(model, modality, dev, batch_cost=recipe.batch_cost)
        with torch.inference_mode():
            scores = head(vectors).numpy()
        return summary(scores, dev.target.numpy(), model.categories)

    run_stage(
        recipe,
        trained=encoder.parameters(),
        new=head.parameters(),
        batches=batches,
        after_epoch=after_epoch,
        reporter=reporter,
    )


def encode_all(
    model: Classifier, modality: Modality, examples: Examples, *, batch_cost: float
) -> Tensor:
    """The encoder's vectors of all examples, without gradients, shape = (examples, width)."""
    encoder_of(model, modality).eval()
    vectors = torch.zeros(len(examples), model.embedding_width(modality))
    budget = batch_cost * EVALUATION_COST
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        for rows in bucketed_batches(examples.costs, batch_cost=budget, draw=None):
            inputs = collate(
                [examples.samples[row] for row in rows],
                tokenizer=model.tokenizer,
                config=model.config,
            )
            vectors[rows] = model.encode_modality(inputs, modality).float()
    return vectors


def summary(
    scores: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    target: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    categories: tuple[str, ...],
) -> str:
    """AUROC of each category that has both labels, in one line."""
    parts = []
    for place, category in enumerate(categories):
        known = target[:, place] >= 0
        value = auroc(target[known, place], scores[known, place])
        if value is not None:
            parts.append(f"{category} {value:.3f}")
    return "dev AUROC " + (", ".join(parts) or "not defined")

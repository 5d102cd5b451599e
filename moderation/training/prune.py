"""Structured pruning: whole attention heads and feed-forward units leave a text encoder.

What is left are smaller dense matrices, which any machine multiplies faster, in a model that is
saved, loaded and trained like any other. Each layer loses the same number.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import torch
from torch import Tensor

from moderation.model import Classifier
from moderation.training.errors import TrainingError
from moderation.training.importance import Importance

_LAYERS: Final = "text_encoder.bert.encoder.layer"


def pruned(model: Classifier, importance: Importance, *, heads: float, units: float) -> Classifier:
    """A smaller copy without the heads and feed-forward units that matter least.

    Args:
        model: with a BERT text encoder; it stays as it is.
        importance: of its heads and units.
        heads: share to take away, 0..1; at least one head a layer stays.
        units: share to take away, 0..1; at least one unit a layer stays.

    Raises:
        TrainingError: a share is not within 0..1.
    """
    if not (0 <= heads < 1 and 0 <= units < 1):
        raise TrainingError(
            "the shares of heads and of feed-forward units must be 0 or more, below 1"
        )
    text = model.config.text
    kept_heads, kept_units = _kept(importance.heads, heads), _kept(importance.units, units)
    fewer = kept_heads.shape[1] < text.heads
    head_width = text.head_width or text.width // text.heads
    smaller = dataclasses.replace(
        text,
        heads=kept_heads.shape[1],
        head_width=head_width if fewer else text.head_width,
        feed_forward=kept_units.shape[1],
    )
    config = dataclasses.replace(model.config, text=smaller)
    state = model.state_dict()
    for layer, (of_heads, of_units) in enumerate(zip(kept_heads, kept_units, strict=True)):
        columns = (of_heads[:, None] * head_width + torch.arange(head_width)).flatten()
        _cut_layer(state, f"{_LAYERS}.{layer}", columns, of_units)
    copy = Classifier(config, model.tokenizer, model.calibration)
    copy.load_state_dict(state)
    return copy.eval()


def _kept(importance: Tensor, share: float) -> Tensor:
    """Places of what stays, in order, shape = (layers, number that stay)."""
    count = max(1, importance.shape[1] - round(importance.shape[1] * share))
    return importance.topk(count, dim=1).indices.sort(dim=1).values


def _cut_layer(state: dict[str, Tensor], layer: str, columns: Tensor, units: Tensor) -> None:
    for part in ("query", "key", "value"):
        for kind in ("weight", "bias"):
            name = f"{layer}.attention.self.{part}.{kind}"
            state[name] = state[name][columns]
    out = f"{layer}.attention.output.dense.weight"
    state[out] = state[out][:, columns]
    for kind in ("weight", "bias"):
        name = f"{layer}.intermediate.dense.{kind}"
        state[name] = state[name][units]
    name = f"{layer}.output.dense.weight"
    state[name] = state[name][:, units]

"""The losses: of labels, where they are known, and of pieces that belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

UNKNOWN: Final = -1.0  # target of a category that a row says nothing about
MAX_POSITIVE_WEIGHT: Final = 4.0  # more makes a rare category loud rather than learnt


def targets(labels: Sequence[Mapping[str, int]], categories: Sequence[str]) -> Tensor:
    """Labels as float32, shape = (rows, categories), with :data:`UNKNOWN` where there is none."""
    return torch.tensor([[float(row.get(c, UNKNOWN)) for c in categories] for row in labels])


def masked_bce(logits: Tensor, target: Tensor, *, positive_weight: Tensor | None = None) -> Tensor:
    """Mean binary cross-entropy over known labels; 0 if there are none.

    Args:
        logits: shape = (rows, categories).
        target: 0, 1 or :data:`UNKNOWN`, same shape.
        positive_weight: how much a positive counts, shape = (categories,).
    """
    known = target >= 0
    loss = functional.binary_cross_entropy_with_logits(
        logits.float(), target.clamp(min=0), pos_weight=positive_weight, reduction="none"
    )
    return (loss * known).sum() / known.sum().clamp(min=1)


def positive_weights(target: Tensor) -> Tensor:
    """Square root of negatives per positive, within 1 and :data:`MAX_POSITIVE_WEIGHT`.

    The root is half way between ignoring a rare category and counting it as if it were common.

    Args:
        target: of the whole training set, shape = (rows, categories).
    """
    positives = (target == 1).sum(dim=0)
    negatives = (target == 0).sum(dim=0)
    ratio = negatives / positives.clamp(min=1)
    return ratio.sqrt().clamp(1.0, MAX_POSITIVE_WEIGHT)


def contrastive_loss(
    joint_a: Tensor,
    joint_b: Tensor,
    scale: Tensor,
    bias: Tensor,
    *,
    groups: Tensor | None = None,
) -> Tensor:
    """Tell pairs that belong together from all others of the batch, each by itself.

    The sigmoid loss of Zhai et al., "Sigmoid Loss for Language Image Pre-Training" (SigLIP, 2023),
    but for the weights: matching and other pairs weigh alike in all, so that the sigmoid is a
    probability at even odds and the mismatch of a post does not depend on the size of a batch.

    Args:
        joint_a: unit vectors of one modality, shape = (batch, joint width).
        joint_b: of the other; row by row they belong together.
        scale: of the cosine, a scalar.
        bias: added to it, a scalar.
        groups: shape = (batch,); pairs of the same group belong together as well.
    """
    logits = scale * (joint_a.float() @ joint_b.float().T) + bias
    if groups is None:
        groups = torch.arange(len(logits), device=logits.device)
    together = groups[:, None] == groups[None, :]
    matching = functional.softplus(-logits)[together].mean()
    if bool(together.all()):
        return matching
    return (matching + functional.softplus(logits)[~together].mean()) / 2

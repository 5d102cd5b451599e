"""How much each modality of a post contributed to a score, by leaving one out at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from moderation.model.classifier import Classifier, Embeddings
from moderation.model.config import MODALITIES


def modality_shares(classifier: Classifier, embeddings: Embeddings) -> Tensor:
    """Attribute every score to the modalities that are present.

    A modality's weight is by how much the calibrated log-odds fall without it, and nothing if they
    rise; the weights of a post are scaled to sum to 1. Where no modality alone carries the score,
    those present share it evenly. An absent modality has 0.

    Returns:
        Shares in 0..1, shape = (batch, categories, modalities).
    """
    full = torch.logit(classifier.fuse(embeddings).probabilities, eps=1e-6)
    falls = [
        full - torch.logit(classifier.fuse(embeddings.without(modality)).probabilities, eps=1e-6)
        for modality in MODALITIES
    ]
    present = embeddings.present.unsqueeze(1).to(full.dtype)
    weights = torch.stack(falls, dim=-1).clamp(min=0) * present
    carried = weights.sum(dim=-1, keepdim=True)
    even = (present / present.sum(dim=-1, keepdim=True).clamp(min=1)).expand_as(weights)
    return torch.where(carried > 0, weights / carried.clamp(min=1e-12), even)

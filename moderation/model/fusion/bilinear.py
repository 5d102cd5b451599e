"""Joint embedding by bilinear attention between every two modalities."""

from __future__ import annotations

from itertools import combinations

import torch
from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from moderation.model.fusion.interface import FusionInput
from moderation.model.fusion.weighted import ModalitySum


class BilinearAttention(nn.Module):
    """Every token of one modality against every token of another.

    The attention matrix is the softmax of ``h_t^T W h_i`` over all pairs of tokens, and the joint
    vector the sum of ``U h_t * V h_i`` by that attention: Kim et al., "Bilinear Attention Networks"
    (2018), with a full W, as there are but few tokens.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.match = nn.Linear(width, width, bias=False)  # W
        self.first = nn.Linear(width, width)  # U
        self.second = nn.Linear(width, width)  # V
        self.out = nn.Linear(width, width)

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Join (batch, tokens, width) with (batch, other tokens, width) to (batch, width)."""
        scores = first @ self.match(second).transpose(1, 2) / first.shape[-1] ** 0.5
        attention = scores.flatten(1).softmax(dim=-1).view_as(scores)
        joined = torch.einsum(
            "bij,bid,bjd->bd", attention, self.first(first), self.second(second).to(first.dtype)
        )
        vector: Tensor = self.out(joined)
        return vector


class BilinearFusion(nn.Module):
    """What each modality says, and what every two that are present say together."""

    def __init__(self, config: FusionConfig, *, categories: int) -> None:
        super().__init__()
        self.categories = categories
        self.alone = ModalitySum(config.width)
        self.pairs = tuple(combinations(range(len(MODALITIES)), 2))
        self.together = nn.ModuleList(BilinearAttention(config.width) for _ in self.pairs)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, batch: FusionInput) -> Tensor:
        """Features of (batch, categories, width), the same for every category."""
        total = self.alone(batch)
        for (a, b), attend in zip(self.pairs, self.together, strict=True):
            both = batch.present[:, a] & batch.present[:, b]
            total = total + attend(batch.tokens[:, a], batch.tokens[:, b]) * both.unsqueeze(-1)
        features: Tensor = self.norm(total)
        return features.unsqueeze(1).expand(-1, self.categories, -1)

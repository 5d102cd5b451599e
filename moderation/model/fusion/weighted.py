"""Representation level: a weighted sum of what each modality says."""

from __future__ import annotations

from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from moderation.model.fusion.interface import FusionInput


class ModalitySum(nn.Module):
    """``h = Σ W_m h_m`` over the modalities that are present; h_m is the mean of m's tokens."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.weights = nn.ModuleList(nn.Linear(width, width, bias=False) for _ in MODALITIES)

    def forward(self, batch: FusionInput) -> Tensor:
        """The sum, shape = (batch, width); zero for a post without any modality."""
        means = (batch.tokens.mean(dim=2) * batch.present.unsqueeze(-1)).unbind(dim=1)
        total: Tensor = sum(weigh(mean) for weigh, mean in zip(self.weights, means, strict=True))
        return total


class WeightedFusion(nn.Module):
    """The sum of the modalities, and a residual hidden layer that reads it.

    A sum alone would be late fusion by another name: the hidden layer is what lets two modalities
    mean together what neither means alone.
    """

    def __init__(self, config: FusionConfig, *, categories: int) -> None:
        super().__init__()
        self.categories = categories
        self.sum = ModalitySum(config.width)
        self.read = nn.Sequential(
            nn.LayerNorm(config.width),
            nn.Linear(config.width, config.feed_forward),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.feed_forward, config.width),
        )

    def forward(self, batch: FusionInput) -> Tensor:
        """Features of (batch, categories, width), the same for every category."""
        total = self.sum(batch)
        features: Tensor = total + self.read(total)
        return features.unsqueeze(1).expand(-1, self.categories, -1)

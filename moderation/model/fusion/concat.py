"""Feature level: all tokens side by side."""

from __future__ import annotations

from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from moderation.model.fusion.interface import FusionInput


class ConcatFusion(nn.Module):
    """All tokens side by side through one MLP."""

    def __init__(self, config: FusionConfig, *, categories: int) -> None:
        super().__init__()
        self.categories = categories
        self.mix = nn.Sequential(
            nn.Linear(len(MODALITIES) * config.tokens * config.width, config.feed_forward),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.feed_forward, config.width),
        )

    def forward(self, batch: FusionInput) -> Tensor:
        """Features of (batch, categories, width), the same for every category."""
        mixed: Tensor = self.mix(batch.tokens.flatten(1))
        return mixed.unsqueeze(1).expand(-1, self.categories, -1)

"""Modality adapters: from each encoder's own width to the common one."""

from __future__ import annotations

from torch import Tensor, nn

from moderation.model.config import FusionConfig


class Adapter(nn.Module):
    """An encoder's vector becomes a few tokens of the common width."""

    def __init__(self, source_width: int, config: FusionConfig) -> None:
        super().__init__()
        self.shape = (config.tokens, config.width)
        self.layers = nn.Sequential(
            nn.LayerNorm(source_width),
            nn.Linear(source_width, config.width),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.width, config.tokens * config.width),
        )

    def forward(self, vectors: Tensor) -> Tensor:
        """Map (rows, source width) to (rows, tokens, width)."""
        tokens: Tensor = self.layers(vectors)
        return tokens.view(vectors.shape[0], *self.shape)

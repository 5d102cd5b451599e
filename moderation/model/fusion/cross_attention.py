"""Interaction level: attention both ways over modality tokens."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from moderation.model.fusion.interface import TOKEN_SPREAD, FusionInput
from moderation.model.layers import transformer


class CrossAttentionFusion(nn.Module):
    """Attention both ways, then each category asks its own question.

    First the tokens of all modalities attend to one another (multi-head, so words look at the
    picture and the picture at words), then each category's query attends to what they became.
    """

    def __init__(self, config: FusionConfig, *, categories: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(categories, config.width) * TOKEN_SPREAD)
        self.marks = nn.Parameter(torch.randn(len(MODALITIES), 1, config.width) * TOKEN_SPREAD)
        self.interaction = (
            transformer(
                config.width,
                config.interaction_layers,
                config.heads,
                config.feed_forward,
                config.dropout,
            )
            if config.interaction_layers
            else nn.Identity()
        )
        layer = nn.TransformerDecoderLayer(
            config.width,
            config.heads,
            config.feed_forward,
            config.dropout,
            activation="gelu",
            batch_first=True,
            norm_first=True,
        )
        self.decoder = nn.TransformerDecoder(layer, config.layers, nn.LayerNorm(config.width))

    def forward(self, batch: FusionInput) -> Tensor:
        """Features of (batch, categories, width). An absent modality's token can be attended to."""
        memory = self.interaction((batch.tokens + self.marks).flatten(1, 2))
        features: Tensor = self.decoder(self.queries.expand(memory.shape[0], -1, -1), memory)
        return features

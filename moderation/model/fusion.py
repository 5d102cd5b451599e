"""Modality vectors to one feature a category. Every fusion keeps to one interface.

``fusion(tokens, present)`` takes the adapters' tokens, shape = (batch, modalities, tokens, width),
where an absent modality holds its learned token already, and ``present``, shape = (batch,
modalities); it gives features, shape = (batch, categories, width).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn

from moderation.model.config import FusionConfig, FusionKind
from moderation.model.encoders import transformer

TOKEN_SPREAD = 0.02  # of learned tokens at the start


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
        return tokens.view(len(vectors), *self.shape)


class CrossAttentionFusion(nn.Module):
    """Interaction level: attention both ways, then each category asks its own question.

    First the tokens of all modalities attend to one another (multi-head, so words look at the
    picture and the picture at words), then each category's query attends to what they became.
    """

    def __init__(self, config: FusionConfig, *, modalities: int, categories: int) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(categories, config.width) * TOKEN_SPREAD)
        self.marks = nn.Parameter(torch.randn(modalities, 1, config.width) * TOKEN_SPREAD)
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

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """See the module's docstring. An absent modality's learned token can be attended to."""
        del present
        memory = self.interaction((tokens + self.marks).flatten(1, 2))
        features: Tensor = self.decoder(self.queries.expand(len(tokens), -1, -1), memory)
        return features


class ConcatFusion(nn.Module):
    """Feature level: all tokens side by side through one MLP."""

    def __init__(self, config: FusionConfig, *, modalities: int, categories: int) -> None:
        super().__init__()
        self.categories = categories
        self.mix = nn.Sequential(
            nn.Linear(modalities * config.tokens * config.width, config.feed_forward),
            nn.GELU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.feed_forward, config.width),
        )

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """See the module's docstring."""
        del present
        mixed: Tensor = self.mix(tokens.flatten(1))
        return mixed.unsqueeze(1).expand(-1, self.categories, -1)


class WeightedFusion(nn.Module):
    """Representation level: a weighted sum, where each category has its own weights."""

    def __init__(self, config: FusionConfig, *, modalities: int, categories: int) -> None:
        super().__init__()
        del config  # the adapters' tokens are all it needs
        self.weights = nn.Parameter(torch.zeros(categories, modalities))

    def forward(self, tokens: Tensor, present: Tensor) -> Tensor:
        """See the module's docstring. Only modalities that are present carry weight."""
        absent = ~present.unsqueeze(1)
        nothing = absent.all(dim=-1, keepdim=True)  # then the learned tokens share it
        weights = self.weights.expand(len(tokens), -1, -1)
        shares = weights.masked_fill(absent & ~nothing, float("-inf")).softmax(dim=-1)
        return shares.to(tokens.dtype) @ tokens.mean(dim=2)


_KINDS: Final = MappingProxyType[FusionKind, Callable[..., nn.Module]](
    {
        "cross_attention": CrossAttentionFusion,
        "concat": ConcatFusion,
        "weighted": WeightedFusion,
    }
)


def build_fusion(config: FusionConfig, *, modalities: int, categories: int) -> nn.Module:
    """The fusion that the configuration names."""
    return _KINDS[config.kind](config, modalities=modalities, categories=categories)

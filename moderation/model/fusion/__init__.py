"""Modality vectors to one feature a category; every fusion keeps to one interface.

``fusion(FusionInput)`` gives features of shape (batch, categories, width).
"""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from torch import nn

from moderation.model.config import FusionConfig, FusionKind
from moderation.model.fusion.adapter import Adapter
from moderation.model.fusion.bilinear import BilinearFusion
from moderation.model.fusion.concat import ConcatFusion
from moderation.model.fusion.cross_attention import CrossAttentionFusion
from moderation.model.fusion.interface import TOKEN_SPREAD, FusionInput
from moderation.model.fusion.late import LateFusion
from moderation.model.fusion.weighted import WeightedFusion

__all__ = ["TOKEN_SPREAD", "Adapter", "FusionInput", "build_fusion"]

_KINDS: Final = MappingProxyType[FusionKind, Callable[..., nn.Module]](
    {
        "late": LateFusion,
        "concat": ConcatFusion,
        "weighted": WeightedFusion,
        "bilinear": BilinearFusion,
        "cross_attention": CrossAttentionFusion,
    }
)


def build_fusion(config: FusionConfig, *, categories: int) -> nn.Module:
    """The fusion that the configuration names."""
    return _KINDS[config.kind](config, categories=categories)

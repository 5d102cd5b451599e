"""EfficientNet-Lite0 without its classifier: a small convolutional encoder that comes pretrained.

Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks" (2019), in
the Lite variant: no squeeze-and-excitation, and ReLU6 in place of swish, which CPUs and integer
arithmetic like better.
"""

from __future__ import annotations

from typing import Final, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from moderation.model.config import EFFICIENTNET_LITE_WIDTH
from moderation.model.image_encoder import ImageEncoder

# (blocks, kernel, stride of the first, expansion, channels) of each stage: table 1 of the paper.
_STAGES: Final = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_STEM_CHANNELS: Final = 32
_NORM_EPSILON: Final = 1e-3  # of the published weights
_PIXEL_MEAN, _PIXEL_SPREAD = 127.0, 128.0  # the published weights expect pixels of about -1..1


class EfficientNetLite(ImageEncoder):
    """Pictures to vectors of 1,280; normalisation of the pixels is part of it."""

    def __init__(self) -> None:
        super().__init__()
        self.width = EFFICIENTNET_LITE_WIDTH
        self.stem = _convolution(3, _STEM_CHANNELS, kernel=3, stride=2)
        stages = []
        channels = _STEM_CHANNELS
        for blocks, kernel, stride, expansion, wider in _STAGES:
            first = _Block(channels, wider, kernel=kernel, stride=stride, expansion=expansion)
            rest = (
                _Block(wider, wider, kernel=kernel, stride=1, expansion=expansion)
                for _ in range(blocks - 1)
            )
            stages.append(nn.Sequential(first, *rest))
            channels = wider
        self.stages = nn.ModuleList(stages)
        self.head = _convolution(channels, EFFICIENTNET_LITE_WIDTH, kernel=1)
        self._frozen_stages = 0

    def freeze(self, stages: int) -> None:
        """Keep the stem and the first stages as they are in training, statistics included.

        Edges and textures are the same everywhere, and the early stages cost most.
        """
        self._frozen_stages = stages
        for part in self._frozen():
            part.requires_grad_(requires_grad=False)

    def train(self, mode: bool = True) -> Self:
        """Frozen parts stay in eval mode."""
        super().train(mode)
        for part in self._frozen():
            part.eval()
        return self

    def forward(self, pixels: Tensor) -> Tensor:
        """Encode uint8 (images, 3, size, size) into (images, 1280)."""
        hidden = ((pixels.float() - _PIXEL_MEAN) / _PIXEL_SPREAD).contiguous(
            memory_format=torch.channels_last
        )
        hidden = self.stem(hidden)
        for stage in self.stages:
            hidden = stage(hidden)
        encoded: Tensor = self.head(hidden).mean(dim=(2, 3))
        return encoded

    def _frozen(self) -> list[nn.Module]:
        return [self.stem, *self.stages[: self._frozen_stages]] if self._frozen_stages else []


class _SamePadding(nn.Conv2d):
    """Pads as TensorFlow does: what is uneven goes to the right and the bottom."""

    def forward(self, hidden: Tensor) -> Tensor:
        stride, kernel = self.stride[0], self.kernel_size[0]
        height, width = (
            max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in hidden.shape[2:]
        )
        padding = (width // 2, width - width // 2, height // 2, height - height // 2)
        return super().forward(functional.pad(hidden, padding))


def _convolution(
    before: int, after: int, *, kernel: int, stride: int = 1, groups: int = 1, active: bool = True
) -> nn.Sequential:
    layers: list[nn.Module] = [
        _SamePadding(before, after, kernel, stride, groups=groups, bias=False),
        nn.BatchNorm2d(after, eps=_NORM_EPSILON),
    ]
    return nn.Sequential(*layers, *([nn.ReLU6()] if active else []))


class _Block(nn.Module):
    """Inverted residual: widen, convolve each channel by itself, narrow."""

    def __init__(
        self, before: int, after: int, *, kernel: int, stride: int, expansion: int
    ) -> None:
        super().__init__()
        inner = before * expansion
        widen = [_convolution(before, inner, kernel=1)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *widen,
            _convolution(inner, inner, kernel=kernel, stride=stride, groups=inner),
            _convolution(inner, after, kernel=1, active=False),
        )
        self.residual = stride == 1 and before == after

    def forward(self, hidden: Tensor) -> Tensor:
        changed: Tensor = self.layers(hidden)
        return hidden + changed if self.residual else changed

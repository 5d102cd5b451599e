"""What all image encoders have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from moderation.model.config import ImageConfig


class ImageEncoder(nn.Module, ABC):
    """Pictures to vectors; normalisation of the pixels is part of it.

    Attributes:
        width: of the vectors.
    """

    width: int

    @abstractmethod
    def forward(self, pixels: Tensor) -> Tensor:
        """Encode uint8 (images, 3, size, size) into (images, width)."""


class Normalisation(nn.Module):
    """Pixels to about zero mean and unit spread, channel by channel."""

    mean: Tensor
    spread: Tensor

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        for name, values in (("mean", config.pixel_mean), ("spread", config.pixel_spread)):
            channels = torch.tensor(values).view(-1, 1, 1)
            self.register_buffer(name, channels, persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Map uint8 (images, 3, height, width) to float32 of the same shape."""
        return (pixels.float() / 255 - self.mean) / self.spread

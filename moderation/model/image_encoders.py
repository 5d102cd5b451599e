"""Image encoders: a batch of pictures in, a batch of vectors out."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn
from transformers import ViTConfig, ViTModel

from moderation.model.architectures import fresh_encoder, width_of
from moderation.model.config import ImageConfig, ImageKind
from moderation.model.efficientnet_lite import EfficientNetLite
from moderation.model.image_encoder import ImageEncoder, Normalisation
from moderation.model.layers import POSITION_SPREAD, transformer


class HybridImageEncoder(ImageEncoder):
    """A convolutional stem and a small ViT, averaged over what the stem leaves."""

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.width = config.width
        self.normalise = Normalisation(config)
        self.stem = _stem(config)
        side = -(-config.size // 2 ** len(config.stem))  # a stride of two rounds up
        self.positions = nn.Parameter(torch.randn(side * side, config.width) * POSITION_SPREAD)
        self.transformer = transformer(
            config.width, config.layers, config.heads, config.feed_forward, config.dropout
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """See the base class."""
        patches = (
            self.stem(self.normalise(pixels)).flatten(2).transpose(1, 2)
        )  # (images, side², width)
        encoded: Tensor = self.transformer(patches + self.positions)
        return encoded.mean(dim=1)


class CnnImageEncoder(ImageEncoder):
    """Residual convolutions, averaged over the picture: the baseline from before transformers."""

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.width = config.width
        self.normalise = Normalisation(config)
        self.stem = _stem(config)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the base class."""
        maps: Tensor = self.stem(self.normalise(pixels))
        return maps.mean(dim=(2, 3))


class VitImageEncoder(ImageEncoder):
    """A ViT with fresh weights, averaged over its tokens.

    The average rather than the class token, as it learns better from little data (Beyer et al.,
    "Better plain ViT baselines for ImageNet-1k", 2022).
    """

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.width = config.width
        self.normalise = Normalisation(config)
        self.vit: nn.Module = ViTModel(
            ViTConfig(
                image_size=config.size,
                patch_size=config.patch,
                hidden_size=config.width,
                num_hidden_layers=config.layers,
                num_attention_heads=config.heads,
                intermediate_size=config.feed_forward,
                hidden_dropout_prob=config.dropout,
                attention_probs_dropout_prob=config.dropout,
            ),
            add_pooling_layer=False,
        )

    def forward(self, pixels: Tensor) -> Tensor:
        """See the base class."""
        hidden: Tensor = self.vit(self.normalise(pixels)).last_hidden_state
        return hidden.mean(dim=1)


class PretrainedImageEncoder(ImageEncoder):
    """An image encoder of ``transformers``, read where its own training read it.

    That is its pooled vector (the class token of a CLIP, the average of a convolutional net), or
    the class token, which comes first, where there is none.
    """

    def __init__(self, config: ImageConfig) -> None:
        super().__init__()
        self.normalise = Normalisation(config)
        self.encoder = fresh_encoder("image", config.architecture)
        self.width = width_of("image", self.encoder.config)

    def forward(self, pixels: Tensor) -> Tensor:
        """See the base class."""
        output = self.encoder(pixel_values=self.normalise(pixels))
        pooled: Tensor | None = getattr(output, "pooler_output", None)
        return output.last_hidden_state[:, 0] if pooled is None else pooled.flatten(1)


def _stem(config: ImageConfig) -> nn.Sequential:
    channels = (3, *config.stem)
    return nn.Sequential(*(_Stage(before, after) for before, after in pairwise(channels)))


class _Stage(nn.Module):
    """Halve the sides, then one residual convolution."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.down = nn.Sequential(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        )
        self.refine = nn.Sequential(
            nn.Conv2d(after, after, 3, padding=1, bias=False), nn.BatchNorm2d(after)
        )

    def forward(self, images: Tensor) -> Tensor:
        smaller = self.down(images)
        return torch.relu(smaller + self.refine(smaller))


_KINDS: Final = MappingProxyType[ImageKind, Callable[[ImageConfig], ImageEncoder]](
    {
        "hybrid": HybridImageEncoder,
        "cnn": CnnImageEncoder,
        "efficientnet_lite": lambda _config: EfficientNetLite(),
        "vit": VitImageEncoder,
        "pretrained": PretrainedImageEncoder,
    }
)


def build_image_encoder(config: ImageConfig) -> ImageEncoder:
    """The encoder that the configuration describes, with fresh weights."""
    return _KINDS[config.kind](config)

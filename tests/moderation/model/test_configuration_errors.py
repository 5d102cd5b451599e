"""A configuration that names what does not exist is answered with the nearest that does."""

from __future__ import annotations

from typing import Any

import pytest

from moderation.model import (
    AudioConfig,
    FusionConfig,
    ImageConfig,
    ModelConfig,
    ModelConfigError,
    ModelFolderError,
    TextConfig,
    preset,
)
from tests.moderation.model.making import ARCHITECTURES, small, small_classifier


@pytest.mark.parametrize(
    ("part", "given", "nearest"),
    [
        (TextConfig, "recurent", "recurrent"),
        (ImageConfig, "vitt", "vit"),
        (AudioConfig, "conv-transformer", "conv_transformer"),
        (FusionConfig, "crossattention", "cross_attention"),
    ],
)
def test_an_unknown_kind_is_answered_with_the_nearest(part: Any, given: str, nearest: str) -> None:
    with pytest.raises(ModelConfigError, match=f"did you mean '{nearest}'"):
        part(kind=given)


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(ModelConfigError, match="did you mean 'crossclip'"):
        preset("cross_clip")


def test_an_unknown_architecture_is_answered_with_the_nearest() -> None:
    config = small("base")
    text = TextConfig(kind="pretrained", architecture={"model_type": "xlm-robert"})
    with pytest.raises(ModelConfigError, match="did you mean 'xlm-roberta'"):
        small_classifier(ModelConfig(text=text, image=config.image, audio=config.audio))


def test_an_architecture_that_is_no_audio_encoder_names_those_that_are() -> None:
    audio = AudioConfig(kind="pretrained", architecture=ARCHITECTURES["vit"])
    with pytest.raises(ModelConfigError, match="whisper"):
        small_classifier(ModelConfig(audio=audio))


def test_an_unknown_kind_in_a_folder_is_an_error_of_the_folder() -> None:
    text = ModelConfig().to_json().replace("cross_attention", "cross_atention")
    with pytest.raises(ModelFolderError, match="did you mean 'cross_attention'"):
        ModelConfig.from_json(text)


@pytest.mark.parametrize("part", [TextConfig, ImageConfig, AudioConfig])
def test_a_pretrained_encoder_needs_a_source_or_an_architecture(part: Any) -> None:
    with pytest.raises(ModelConfigError, match=r"\.source"):
        part(kind="pretrained")


def test_late_fusion_needs_a_joint_space() -> None:
    with pytest.raises(ModelConfigError, match=r"fusion\.joint_width"):
        FusionConfig(kind="late")


def test_a_vit_needs_a_width() -> None:
    with pytest.raises(ModelConfigError, match=r"image\.hidden"):
        ImageConfig(kind="vit")

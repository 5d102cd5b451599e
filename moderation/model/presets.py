"""Configurations by name: what ships, what it is compared with, what a platform would train."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from moderation.model.config import (
    AudioConfig,
    FusionConfig,
    ImageConfig,
    ModelConfig,
    TextConfig,
)
from moderation.model.errors import require_known

JOINT_WIDTH: Final = 128  # room for what a caption says of a picture, small enough to index

# Patches of 16 pixels as in ViT-B/16, over the pictures of 112 pixels that `compact` sees.
_SMALL_VIT: Final = ImageConfig(
    kind="vit", stem=(), hidden=192, patch=16, layers=6, heads=3, feed_forward=768
)

PRESETS: Final[Mapping[str, ModelConfig]] = MappingProxyType(
    {
        # Ships trained: tens of millions of parameters, made for a laptop's CPU.
        "compact": ModelConfig(
            text=TextConfig(dropout=0.0),  # every text is seen about once
            image=ImageConfig(kind="efficientnet_lite", size=160, stem=()),
            audio=AudioConfig(letters=True),
            fusion=FusionConfig(interaction_layers=1, joint_width=JOINT_WIDTH),
        ),
        # For a GPU and a platform's own data: encoders by their names on the Hugging Face hub.
        "base": ModelConfig(
            name="base",
            text=TextConfig(
                kind="pretrained", source="FacebookAI/xlm-roberta-base", max_tokens=256
            ),
            image=ImageConfig(
                kind="pretrained", source="openai/clip-vit-base-patch16", stem=(), size=224
            ),
            audio=AudioConfig(kind="pretrained", source="openai/whisper-base", max_seconds=10.0),
            fusion=FusionConfig(
                width=256,
                tokens=4,
                heads=8,
                feed_forward=512,
                interaction_layers=1,
                joint_width=256,
            ),
        ),
        # Two encoders a pair and no interaction between them, after CLIP (Radford et al., 2021).
        "clip": ModelConfig(
            name="clip",
            image=_SMALL_VIT,
            fusion=FusionConfig(kind="late", joint_width=JOINT_WIDTH),
        ),
        # The same encoders, and attention across modalities on top.
        "crossclip": ModelConfig(
            name="crossclip",
            image=_SMALL_VIT,
            fusion=FusionConfig(interaction_layers=2, joint_width=JOINT_WIDTH),
        ),
        # What came before transformers: convolutions for pictures, recurrence for sequences.
        "cnn_rnn": ModelConfig(
            name="cnn_rnn",
            text=TextConfig(kind="recurrent", width=256, layers=2),
            image=ImageConfig(kind="cnn", stem=(32, 64, 128, 256)),
            audio=AudioConfig(kind="recurrent", layers=2),
            fusion=FusionConfig(kind="concat", joint_width=JOINT_WIDTH),
        ),
        # Random weights, a forward pass in milliseconds, exact on disk: for tests.
        "tiny": ModelConfig(
            name="tiny",
            storage="float32",
            text=TextConfig(
                vocab_size=512, width=32, layers=1, heads=2, feed_forward=64, max_tokens=32
            ),
            image=ImageConfig(size=32, stem=(8, 16, 32), layers=1, heads=2, feed_forward=64),
            audio=AudioConfig(
                max_seconds=1.0, mels=16, width=32, layers=1, heads=2, feed_forward=64
            ),
            fusion=FusionConfig(
                width=32,
                layers=1,
                heads=2,
                feed_forward=64,
                interaction_layers=1,
                joint_width=16,
            ),
        ),
    }
)


def preset(name: str) -> ModelConfig:
    """The configuration of that name.

    Raises:
        ModelConfigError: there is none; the message names the nearest.
    """
    require_known("a preset", name, PRESETS)
    return PRESETS[name]

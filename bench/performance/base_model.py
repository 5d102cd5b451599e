"""The preset ``base`` with fresh weights: its speed does not depend on what it has learnt."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, Final

import torch

from moderation.inference import SHIPPED_MODEL_DIR
from moderation.model import PRESETS, Classifier, TextTokenizer

# The dimensions of the sources that the preset names, as their configurations on the hub say; the
# padding token is that of our own tokenizer, since no hub is asked.
ARCHITECTURES: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {
        "model_type": "xlm-roberta",
        "vocab_size": 250_002,
        "hidden_size": 768,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "intermediate_size": 3072,
        "max_position_embeddings": 514,
        "type_vocab_size": 1,
        "pad_token_id": 0,
    },
    "image": {
        "model_type": "clip_vision_model",
        "hidden_size": 768,
        "intermediate_size": 3072,
        "num_hidden_layers": 12,
        "num_attention_heads": 12,
        "image_size": 224,
        "patch_size": 16,
    },
    "audio": {
        "model_type": "whisper",
        "d_model": 512,
        "encoder_layers": 6,
        "encoder_attention_heads": 8,
        "encoder_ffn_dim": 2048,
        "num_mel_bins": 80,
        "max_source_positions": 500,
    },
}

SMALL: Final[Mapping[str, Mapping[str, Any]]] = {
    "text": {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    | {"intermediate_size": 128},
    "image": {"hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    | {"intermediate_size": 128},
    "audio": {"d_model": 64, "encoder_layers": 1, "encoder_attention_heads": 2}
    | {"encoder_ffn_dim": 128},
}
"""What differs in a smoke run."""


def base_classifier(*, small: bool = False) -> Classifier:
    """In eval mode, on the CPU, float32.

    Args:
        small: with narrow and shallow encoders.
    """
    torch.manual_seed(0)
    shape = {
        part: {**fields, **(SMALL[part] if small else {})} for part, fields in ARCHITECTURES.items()
    }
    base = PRESETS["base"]
    widths = {
        "text": shape["text"]["hidden_size"],
        "image": shape["image"]["hidden_size"],
        "audio": shape["audio"]["d_model"],
    }
    config = dataclasses.replace(
        base,
        text=dataclasses.replace(
            base.text,
            source="",
            architecture=shape["text"],
            vocab_size=shape["text"]["vocab_size"],
            width=widths["text"],
        ),
        image=dataclasses.replace(
            base.image, source="", architecture=shape["image"], hidden=widths["image"]
        ),
        audio=dataclasses.replace(
            base.audio, source="", architecture=shape["audio"], mels=80, width=widths["audio"]
        ),
    )
    tokenizer = TextTokenizer.from_file(
        SHIPPED_MODEL_DIR / "tokenizer.json", max_tokens=config.text.max_tokens
    )
    return Classifier(config, tokenizer).eval()

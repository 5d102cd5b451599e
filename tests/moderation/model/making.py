"""Small posts and models for the tests of the classifier."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from moderation.model import (
    PRESETS,
    SAMPLE_RATE,
    AudioConfig,
    Classifier,
    ImageConfig,
    ModelConfig,
    ModelInputs,
    Sample,
    TextConfig,
    TextTokenizer,
    collate,
    new_classifier,
    tiny_classifier,
)
from schemas import Modality

_NOISE = np.random.default_rng(5)

PIECES: dict[Modality, Any] = {
    Modality.TEXT: "hello 你好",
    Modality.IMAGE: _NOISE.integers(0, 256, (40, 60, 3), dtype=np.uint8),
    Modality.AUDIO: _NOISE.uniform(-0.5, 0.5, SAMPLE_RATE // 2).astype(np.float32),
}

OTHER_PIECES: dict[Modality, Any] = {
    Modality.TEXT: "something else",
    Modality.IMAGE: _NOISE.integers(0, 256, (50, 50, 3), dtype=np.uint8),
    Modality.AUDIO: np.sin(np.arange(SAMPLE_RATE // 3) * 0.1).astype(np.float32),
}

TINY_VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "image_size": 32,
    "patch_size": 16,
}

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "xlm-roberta": {
        "model_type": "xlm-roberta",
        "vocab_size": 300,
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "max_position_embeddings": 40,
        "pad_token_id": 1,
    },
    "clip_vision_model": {"model_type": "clip_vision_model", **TINY_VIT},
    "vit": {"model_type": "vit", **TINY_VIT},
    "whisper": {
        "model_type": "whisper",
        "d_model": 32,
        "encoder_layers": 1,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 64,
        "num_mel_bins": 80,
        "max_source_positions": 50,
    },
    "audio-spectrogram-transformer": {
        "model_type": "audio-spectrogram-transformer",
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 64,
        "num_mel_bins": 32,
        "max_length": 100,
    },
}
"""Encoders of ``transformers`` at the smallest dimensions."""


def sample_of(*modalities: Modality) -> Sample:
    """A post of just these modalities."""
    return Sample(**{modality.value: PIECES[modality] for modality in modalities})


def other_sample_of(*modalities: Modality) -> Sample:
    """Another post of just these modalities."""
    return Sample(**{modality.value: OTHER_PIECES[modality] for modality in modalities})


def batch(model: Classifier, *samples: Sample) -> ModelInputs:
    """These posts as the model takes them."""
    return collate(samples, tokenizer=model.tokenizer, config=model.config)


def roberta_pipeline() -> Tokenizer:
    """Characters as tokens, with the special tokens and ids of XLM-R."""
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    words = [*special, *"abcdefghijklmnopqrstuvwxyz", *"你好今天"]
    vocabulary = {word: place for place, word in enumerate(words)}
    pipeline = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    pipeline.pre_tokenizer = pre_tokenizers.Split("", behavior="isolated")
    pipeline.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return pipeline


def small(name: str) -> ModelConfig:
    """A preset with its kinds and about the dimensions of ``tiny``."""
    preset, tiny = PRESETS[name], PRESETS["tiny"]
    fusion = dataclasses.replace(
        tiny.fusion,
        kind=preset.fusion.kind,
        tokens=preset.fusion.tokens,
        interaction_layers=preset.fusion.interaction_layers,
    )
    text, image, audio = tiny.text, tiny.image, tiny.audio
    if name == "base":
        text, image, audio = small_base()
    else:
        text = dataclasses.replace(text, kind=preset.text.kind)
        image = dataclasses.replace(
            image,
            kind=preset.image.kind,
            stem=image.stem if preset.image.stem else (),
            hidden=0 if preset.image.stem else 32,
        )
        audio = dataclasses.replace(audio, kind=preset.audio.kind)
    return dataclasses.replace(
        preset, storage="float32", text=text, image=image, audio=audio, fusion=fusion
    )


def small_base() -> tuple[TextConfig, ImageConfig, AudioConfig]:
    """The encoders of ``base``, fresh from small architectures in place of their sources."""
    base = PRESETS["base"]
    return (
        dataclasses.replace(base.text, source="", architecture=ARCHITECTURES["xlm-roberta"]),
        dataclasses.replace(base.image, source="", architecture=ARCHITECTURES["clip_vision_model"]),
        dataclasses.replace(
            base.audio, source="", architecture=ARCHITECTURES["whisper"], max_seconds=1.0
        ),
    )


def small_classifier(config: ModelConfig) -> Classifier:
    """A random model of that configuration with a tokenizer that fits it, in eval mode."""
    if config.text.kind == "pretrained":
        tokenizer = TextTokenizer(roberta_pipeline(), max_tokens=32)
    else:
        tokenizer = tiny_classifier().tokenizer
    torch.manual_seed(1)
    return new_classifier(config, tokenizer).eval()

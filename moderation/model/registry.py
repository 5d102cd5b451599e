"""Classifiers with fresh or pretrained weights, that no folder of ours holds yet."""

from __future__ import annotations

import torch

from moderation.model.classifier import Classifier
from moderation.model.config import ModelConfig
from moderation.model.errors import ModelConfigError
from moderation.model.presets import PRESETS
from moderation.model.sources import copy_weights, resolve, source_tokenizer
from moderation.model.tokenizer import TextTokenizer


def new_classifier(config: ModelConfig, tokenizer: TextTokenizer | None = None) -> Classifier:
    """A classifier to train: pretrained encoders from their sources, everything else random.

    Sources are read here and nowhere else; the model that is saved afterwards needs them no more.

    Args:
        config: for example a preset.
        tokenizer: of the text; a pretrained text encoder brings its own.

    Raises:
        ModelConfigError: a source is not there or is no such encoder, or a tokenizer is needed.
        ModelFolderError: the tokenizer does not fit the text encoder.
    """
    resolved = resolve(config)
    if tokenizer is None:
        if not config.text.source:
            raise ModelConfigError(
                f"a text encoder of kind {config.text.kind} without a source has no vocabulary of "
                "its own; give new_classifier a tokenizer"
            )
        pipeline = source_tokenizer(config.text.source)
        tokenizer = TextTokenizer(pipeline, max_tokens=resolved.text.max_tokens)
    model = Classifier(resolved, tokenizer)
    for part, origin, encoder in (
        ("text", config.text, model.text_encoder),
        ("image", config.image, model.image_encoder),
        ("audio", config.audio, model.audio_encoder),
    ):
        if origin.kind == "pretrained" and origin.source:
            copy_weights(encoder.get_submodule("encoder"), part, origin.source)
    return model


def tiny_classifier(seed: int = 0) -> Classifier:
    """A random ``tiny`` model in eval mode: the same weights for the same seed.

    It answers in milliseconds and knows nothing: for tests of what surrounds a classifier.
    """
    config = PRESETS["tiny"]
    tokenizer = TextTokenizer.of_characters(max_tokens=config.text.max_tokens)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(config, tokenizer).eval()

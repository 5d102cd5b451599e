"""Pretrained encoders by hub name or folder: their dimensions, weights and tokenizer.

Only here is anything read from a source. What is read of it goes into the model's own
configuration and weights, so a saved model needs its sources no more.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import (
    AutoConfig,
    AutoFeatureExtractor,
    AutoImageProcessor,
    AutoModel,
)
from transformers.utils.hub import cached_file

from moderation.model.architectures import architecture_of, read_config, width_of, without_pooler
from moderation.model.config import AudioConfig, ImageConfig, ModelConfig, TextConfig
from moderation.model.errors import ModelConfigError, nearest, require_known
from moderation.model.presets import PRESETS
from moderation.model.pretrained_audio import AUDIO_FAMILIES, SPECTRA_A_SECOND, WHISPER_STRIDE

TOKENIZER: Final = "tokenizer.json"

# A CLIP holds a tower a modality: the names of its configuration and of its module.
_TOWERS: Final = {"text": ("text_config", "text_model"), "image": ("vision_config", "vision_model")}

# What transformers leaves untyped.
_image_processor: Callable[[str], Any] = AutoImageProcessor.from_pretrained
_feature_extractor: Callable[[str], Any] = AutoFeatureExtractor.from_pretrained

_Read = TypeVar("_Read")


def resolve(config: ModelConfig) -> ModelConfig:
    """Fill in what the sources of pretrained encoders decide: dimensions, sizes, normalisation.

    Raises:
        ModelConfigError: a source is not there, or is no encoder of its modality.
    """
    return dataclasses.replace(
        config,
        text=_resolve_text(config.text),
        image=_resolve_image(config.image),
        audio=_resolve_audio(config.audio),
    )


def copy_weights(encoder: nn.Module, part: str, source: str) -> None:
    """Copy a source's weights into an encoder that was built from its dimensions.

    Args:
        encoder: what ``transformers`` built, without a pooler.
        part: text, image or audio.
        source: hub name or folder.

    Raises:
        ModelConfigError: the source is not there, or its weights are of other dimensions.
    """
    whole = _read(part, source, lambda: AutoModel.from_pretrained(source, dtype=torch.float32))
    state = without_pooler(_tower(part, whole)).state_dict()
    for name, own in encoder.state_dict().items():
        # A shorter window needs only the first of the positions.
        if name == "embed_positions.weight":
            state[name] = state[name][: len(own)]
    try:
        encoder.load_state_dict(state)
    except RuntimeError as error:
        raise ModelConfigError(
            f"the weights of {source} do not fit the {part} encoder: {error}"
        ) from error


def source_tokenizer(source: str) -> Tokenizer:
    """The tokenizer that belongs to a text encoder.

    Raises:
        ModelConfigError: the source is not there or has no ``tokenizer.json``.
    """
    path = _read("text", source, lambda: cached_file(source, TOKENIZER))
    return Tokenizer.from_file(str(path))


def _resolve_text(text: TextConfig) -> TextConfig:
    if text.kind != "pretrained":
        return text
    text = _with_architecture("text", text)
    fields = read_config("text", text.architecture)
    # Some encoders count positions from one after the padding's id.
    room = getattr(fields, "max_position_embeddings", text.max_tokens + 1) - 1
    return dataclasses.replace(
        text,
        vocab_size=fields.vocab_size,
        width=width_of("text", fields),
        max_tokens=min(text.max_tokens, room - (fields.pad_token_id or 0)),
    )


def _resolve_image(image: ImageConfig) -> ImageConfig:
    if image.kind != "pretrained":
        return image
    source = image.source
    image = _with_architecture("image", image)
    fields = read_config("image", image.architecture)
    changes: dict[str, Any] = {
        "hidden": width_of("image", fields),
        # A convolutional net names no size of its own: it takes any.
        "size": getattr(fields, "image_size", None) or image.size,
    }
    if source:
        processor = _read("image", source, lambda: _image_processor(source))
        changes["pixel_mean"] = tuple(processor.image_mean)
        changes["pixel_spread"] = tuple(processor.image_std)
    return dataclasses.replace(image, **changes)


def _resolve_audio(audio: AudioConfig) -> AudioConfig:
    if audio.kind != "pretrained":
        return audio
    source = audio.source
    audio = _with_architecture("audio", audio)
    fields = read_config("audio", audio.architecture)
    require_known("the model_type of the audio source", fields.model_type, AUDIO_FAMILIES)
    changes: dict[str, Any] = {"width": width_of("audio", fields), "mels": fields.num_mel_bins}
    spectra = int(audio.max_seconds * SPECTRA_A_SECOND)
    if fields.model_type == "whisper":
        positions = min(fields.max_source_positions, spectra // WHISPER_STRIDE)
        changes["architecture"] = {**(audio.architecture or {}), "max_source_positions": positions}
        spectra = positions * WHISPER_STRIDE
    else:
        spectra = min(spectra, fields.max_length)
        if source:
            extractor = _read("audio", source, lambda: _feature_extractor(source))
            changes |= {"mel_mean": extractor.mean, "mel_spread": extractor.std}
    changes["max_seconds"] = spectra / SPECTRA_A_SECOND
    return dataclasses.replace(audio, **changes)


_Part = TypeVar("_Part", TextConfig, ImageConfig, AudioConfig)


def _with_architecture(part: str, config: _Part) -> _Part:
    """The part with its source's dimensions; of a folder only its name is kept, as provenance."""
    if not config.source:
        return config
    whole = _read(part, config.source, lambda: AutoConfig.from_pretrained(config.source))
    fields = getattr(whole, _TOWERS[part][0], whole) if part in _TOWERS else whole
    if part != "audio" and getattr(fields, "is_encoder_decoder", False):
        raise ModelConfigError(
            f"{part}.source {config.source} is an encoder with a decoder; name an encoder"
        )
    folder = Path(config.source)
    name = folder.resolve().name if folder.is_dir() else config.source
    return dataclasses.replace(config, architecture=architecture_of(fields), source=name)


def _tower(part: str, whole: Any) -> nn.Module:
    """The module that encodes one modality; all of it, unless it holds several."""
    tower: nn.Module = whole
    if part == "audio" and whole.config.model_type == "whisper":
        tower = whole.encoder
    elif part in _TOWERS and hasattr(whole.config, _TOWERS[part][0]):
        tower = getattr(whole, _TOWERS[part][1])
    return tower


def _read(part: str, source: str, read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except (OSError, ValueError) as error:
        raise ModelConfigError(
            f"{part}.source {source!r} is no folder of a model that transformers knows, and no "
            f"name on a hub that can be reached{nearest(source, _like(part, source))}\n{error}"
        ) from error


def _like(part: str, source: str) -> list[str]:
    """Folders beside a path, or the hub names that the presets use."""
    beside = Path(source).parent
    folders = [str(path) for path in beside.iterdir()] if beside.is_dir() else []
    named = [getattr(config, part).source for config in PRESETS.values()]
    return [*folders, *filter(None, named)]

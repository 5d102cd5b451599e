"""Encoders of ``transformers`` by their own configurations: fresh weights, and no network."""

from __future__ import annotations

from typing import Any

from torch import nn
from transformers import AutoConfig, AutoModel
from transformers.models.auto.configuration_auto import CONFIG_MAPPING

from moderation.model.errors import ModelConfigError, nearest

# Of a saved configuration, what says where it came from rather than what it describes.
_PROVENANCE = ("_name_or_path", "transformers_version", "architectures", "dtype")


def architecture_of(config: Any) -> dict[str, Any]:
    """The fields of a ``transformers`` configuration that decide its shapes."""
    fields: dict[str, Any] = config.to_diff_dict()
    kept = {name: value for name, value in fields.items() if name not in _PROVENANCE}
    return {**kept, "model_type": config.model_type}


def read_config(part: str, architecture: dict[str, Any] | None) -> Any:
    """The ``transformers`` configuration with these fields.

    Args:
        part: text, image or audio, for messages.
        architecture: fields, with the ``model_type`` among them.

    Raises:
        ModelConfigError: there are none yet, or no such model type or field.
    """
    if not architecture:
        raise ModelConfigError(
            f"the pretrained {part} encoder's dimensions are not read yet; build the model with "
            "new_classifier, which reads them from the source"
        )
    kind = str(architecture.get("model_type", ""))
    if kind not in CONFIG_MAPPING:
        raise ModelConfigError(
            f"{part}.architecture: transformers knows no model_type {kind!r}"
            f"{nearest(kind, CONFIG_MAPPING)}"
        )
    fields = {name: value for name, value in architecture.items() if name != "model_type"}
    try:
        return AutoConfig.for_model(kind, **fields)
    except (TypeError, ValueError) as error:
        raise ModelConfigError(
            f"{part}.architecture does not describe a {kind}: {error}"
        ) from error


def fresh_encoder(part: str, architecture: dict[str, Any] | None) -> nn.Module:
    """An encoder with random weights.

    Raises:
        ModelConfigError: the fields describe none.
    """
    config = read_config(part, architecture)
    try:
        encoder: nn.Module = AutoModel.from_config(config)  # type: ignore[no-untyped-call]  # transformers ships it without types; every encoder is a module
    except ValueError as error:
        raise ModelConfigError(f"{part}.architecture cannot be built: {error}") from error
    return without_pooler(encoder)


def without_pooler(encoder: nn.Module) -> nn.Module:
    """Leave out a learned pooler: it was trained for another task, or never."""
    pooler = getattr(encoder, "pooler", None)
    if isinstance(pooler, nn.Module) and any(True for _ in pooler.parameters()):
        encoder.pooler = None  # type: ignore[assignment]  # declared a module, but skipped by transformers where it is None
    return encoder


def width_of(part: str, config: Any) -> int:
    """Length of the vectors of an encoder.

    Raises:
        ModelConfigError: the configuration does not say.
    """
    width = (
        getattr(config, "hidden_size", None) or (getattr(config, "hidden_sizes", None) or [0])[-1]
    )
    if not width:
        raise ModelConfigError(
            f"{part}: a {config.model_type} says no hidden_size, so it cannot be used as an encoder"
        )
    return int(width)

"""A model folder: config, weights, tokenizer, label set, calibration."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from moderation.model.calibration import Calibration
from moderation.model.config import ModelConfig
from moderation.model.errors import ModelFolderError
from moderation.model.int8 import pack_state, unpack_state
from moderation.model.tokenizer import TextTokenizer

if TYPE_CHECKING:
    from moderation.model.classifier import Classifier

CONFIG: Final = "config.json"
WEIGHTS: Final = "model.safetensors"
TOKENIZER: Final = "tokenizer.json"
LABELS: Final = "labels.json"
CALIBRATION: Final = "calibration.json"

VERSION_DIGITS: Final = 12  # hexadecimal: enough to tell any two models of one platform apart

_Model = TypeVar("_Model", bound="Classifier")


def save_folder(model: Classifier, folder: Path) -> None:
    """Write the five files; metrics and card beside them are written by training."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in _files(model).items():
        (folder / name).write_bytes(content)


def load_folder(kind: type[_Model], folder: Path) -> _Model:
    """Read the five files.

    Raises:
        ModelFolderError: a file is missing or does not fit the others.
    """
    missing = [
        name
        for name in (CONFIG, WEIGHTS, TOKENIZER, LABELS, CALIBRATION)
        if not (folder / name).is_file()
    ]
    if missing:
        raise ModelFolderError(
            f"{folder} is no model folder: {', '.join(missing)} missing; "
            "write one with `moderation train` or Classifier.save_pretrained"
        )
    config = ModelConfig.from_json((folder / CONFIG).read_text("utf-8"))
    labels = json.loads((folder / LABELS).read_text("utf-8"))
    if labels != list(config.categories):
        raise ModelFolderError(
            f"{folder}: {LABELS} names {labels}, {CONFIG} {list(config.categories)}; "
            "they must agree, in order"
        )
    calibration = Calibration.from_json(
        (folder / CALIBRATION).read_text("utf-8"), config.categories
    )
    tokenizer = TextTokenizer.from_file(folder / TOKENIZER, max_tokens=config.text.max_tokens)
    model = kind(config, tokenizer, calibration)
    try:
        model.load_state_dict(unpack_state(load_file(folder / WEIGHTS)))
    except (SafetensorError, RuntimeError) as error:
        raise ModelFolderError(f"{folder / WEIGHTS} does not fit {CONFIG}: {error}") from error
    return model.eval()


def content_version(model: Classifier) -> str:
    """``name@sha256:`` and the first digits of the hash of everything that a save would write."""
    digest = hashlib.sha256()
    for content in _files(model).values():
        digest.update(hashlib.sha256(content).digest())
    return f"{model.config.name}@sha256:{digest.hexdigest()[:VERSION_DIGITS]}"


def _files(model: Classifier) -> dict[str, bytes]:
    categories = model.config.categories
    return {
        CONFIG: model.config.to_json().encode(),
        WEIGHTS: save(_stored(model)),
        TOKENIZER: model.tokenizer.to_json().encode(),
        LABELS: (json.dumps(list(categories)) + "\n").encode(),
        CALIBRATION: model.calibration.to_json(categories).encode(),
    }


def _stored(model: Classifier) -> dict[str, torch.Tensor]:
    """Matrices in the storage type; vectors, which weigh nothing, stay exact."""
    state = model.state_dict()
    storage = torch.float32 if model.config.storage == "float32" else torch.float16
    if model.config.storage == "int8":
        state = pack_state(state)
    return {
        name: (value.to(storage) if value.is_floating_point() and value.ndim > 1 else value)
        .detach()
        .cpu()
        .contiguous()
        for name, value in state.items()
    }

"""The start of a fine-tuning: a model that knows something already."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from moderation.model import Classifier, ModelConfig, ModelFolderError
from moderation.training.errors import TrainingError


def known_config(folder: Path) -> ModelConfig:
    """The architecture of a model folder.

    Raises:
        ModelFolderError: there is none.
    """
    try:
        text = (folder / "config.json").read_text("utf-8")
    except OSError as error:
        raise ModelFolderError(f"{folder} is no model folder ({error})") from error
    return ModelConfig.from_json(text)


def known_model(folder: Path, *, vocabulary: Path) -> Classifier:
    """A model's weights, vocabulary and calibration, to be taught further.

    What was stored in int8 will be stored in floats again; ``moderation quantise`` packs it.

    Args:
        folder: of the model.
        vocabulary: the tokenizer of the run's checkpoints, if it has any yet.

    Raises:
        ModelFolderError: the folder holds no whole model.
        TrainingError: the checkpoints are of a model with another vocabulary.
    """
    model = Classifier.from_pretrained(folder)
    if vocabulary.is_file() and vocabulary.read_text("utf-8") != model.tokenizer.to_json():
        raise TrainingError(
            f"{vocabulary.parent} holds stages of a model with another vocabulary than {folder}; "
            "choose another folder of checkpoints"
        )
    if model.config.storage == "int8":
        model.config = dataclasses.replace(model.config, storage=ModelConfig().storage)
    return model

"""The multimodal classifier: its dimensions, its inputs, its weights on disk."""

from moderation.model.calibration import Calibration
from moderation.model.classifier import Classifier, Embeddings, ModelOutput
from moderation.model.config import (
    MODALITIES,
    PRESETS,
    SAMPLE_RATE,
    AudioConfig,
    FusionConfig,
    ImageConfig,
    ModelConfig,
    TextConfig,
)
from moderation.model.errors import ModelError, ModelFolderError, ModelInputError
from moderation.model.inputs import ModelInputs, Sample, audio_windows, collate, prepare_image
from moderation.model.quantised import QuantisedClassifier
from moderation.model.registry import tiny_classifier
from moderation.model.shares import modality_shares
from moderation.model.tokenizer import EncodedText, TextTokenizer, TextWindow

__all__ = [
    "MODALITIES",
    "PRESETS",
    "SAMPLE_RATE",
    "AudioConfig",
    "Calibration",
    "Classifier",
    "Embeddings",
    "EncodedText",
    "FusionConfig",
    "ImageConfig",
    "ModelConfig",
    "ModelError",
    "ModelFolderError",
    "ModelInputError",
    "ModelInputs",
    "ModelOutput",
    "QuantisedClassifier",
    "Sample",
    "TextConfig",
    "TextTokenizer",
    "TextWindow",
    "audio_windows",
    "collate",
    "modality_shares",
    "prepare_image",
    "tiny_classifier",
]

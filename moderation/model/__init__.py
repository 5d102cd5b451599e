"""The multimodal classifier: its dimensions, its inputs, its weights on disk."""

from moderation.model.audio_encoder import AudioEncoder, transcripts
from moderation.model.calibration import Calibration
from moderation.model.classifier import Classifier, Embeddings, ModelOutput
from moderation.model.config import (
    MODALITIES,
    SAMPLE_RATE,
    AudioConfig,
    FusionConfig,
    ImageConfig,
    ModelConfig,
    TextConfig,
)
from moderation.model.efficientnet_lite import EfficientNetLite
from moderation.model.errors import (
    ModelConfigError,
    ModelError,
    ModelFolderError,
    ModelInputError,
)
from moderation.model.image_encoder import ImageEncoder
from moderation.model.inputs import ModelInputs, Sample, audio_windows, collate, prepare_image
from moderation.model.joint import PAIRS
from moderation.model.letters import BLANK, LETTERS, LetterHead, enough_said, transcribe
from moderation.model.presets import PRESETS, preset
from moderation.model.quantised import QuantisedClassifier, has_int8
from moderation.model.registry import new_classifier, tiny_classifier
from moderation.model.shares import modality_shares
from moderation.model.text_encoders import BertEncoder, TextEncoder
from moderation.model.tokenizer import EncodedText, TextTokenizer, TextWindow

__all__ = [
    "BLANK",
    "LETTERS",
    "MODALITIES",
    "PAIRS",
    "PRESETS",
    "SAMPLE_RATE",
    "AudioConfig",
    "AudioEncoder",
    "BertEncoder",
    "Calibration",
    "Classifier",
    "EfficientNetLite",
    "Embeddings",
    "EncodedText",
    "FusionConfig",
    "ImageConfig",
    "ImageEncoder",
    "LetterHead",
    "ModelConfig",
    "ModelConfigError",
    "ModelError",
    "ModelFolderError",
    "ModelInputError",
    "ModelInputs",
    "ModelOutput",
    "QuantisedClassifier",
    "Sample",
    "TextConfig",
    "TextEncoder",
    "TextTokenizer",
    "TextWindow",
    "audio_windows",
    "collate",
    "enough_said",
    "has_int8",
    "modality_shares",
    "new_classifier",
    "prepare_image",
    "preset",
    "tiny_classifier",
    "transcribe",
    "transcripts",
]

"""The dimensions of a classifier, as one tree of dataclasses that is saved as ``config.json``."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal, Self

from moderation.model.errors import ModelFolderError
from schemas import CATEGORIES, Modality

MODALITIES: Final[tuple[Modality, ...]] = tuple(Modality)
"""The order of the modality axis in every tensor."""

SAMPLE_RATE: Final = 16_000  # samples a second of every waveform that the model hears

FusionKind = Literal["cross_attention", "concat", "weighted"]

_OPTION: Final = "option"


def option(default: Any) -> Any:
    """A field that ``config.json`` leaves out at its default.

    The version of a model hashes its config, and verdicts are named by that version: a new option
    that a model does not use must not change it.
    """
    return field(default=default, metadata={_OPTION: True})


@dataclass(frozen=True, slots=True)
class TextConfig:
    """A BERT encoder. The defaults are those of MiniLM-L6, which initialises ``compact``."""

    vocab_size: int = 30_522
    width: int = 384
    layers: int = 6
    heads: int = 12
    feed_forward: int = 1536
    max_tokens: int = 128  # longer texts are cut into windows
    dropout: float = 0.1
    head_width: int = option(0)  # of a pruned encoder, which has fewer heads; 0: width / heads


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """A convolutional stem, which halves the sides at each stage, and a ViT over what is left."""

    size: int = 112  # pixels a side
    stem: tuple[int, ...] = (32, 64, 128, 192)  # channels of each stage; the last is the width
    layers: int = 3
    heads: int = 4
    feed_forward: int = 384
    dropout: float = 0.1

    @property
    def width(self) -> int:
        """Channels that leave the stem and pass through the transformer."""
        return self.stem[-1]


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """Log-mel frames, two strided 1-D convolutions, a transformer."""

    max_seconds: float = 5.0  # longer sounds are cut into windows
    mels: int = 64
    window: int = 400  # samples, 25 ms: one spectrum
    hop: int = 160  # samples, 10 ms: from one spectrum to the next
    width: int = 192
    layers: int = 4
    heads: int = 4
    feed_forward: int = 384
    dropout: float = 0.1

    @property
    def max_samples(self) -> int:
        """Samples of the longest sound that is encoded in one piece."""
        return int(self.max_seconds * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class FusionConfig:
    """How modality embeddings become one feature a category."""

    kind: FusionKind = "cross_attention"
    width: int = 192
    tokens: int = 2  # tokens that an adapter makes of one modality
    layers: int = 2
    heads: int = 4
    feed_forward: int = 384
    dropout: float = 0.1
    interaction_layers: int = option(0)  # of attention among the tokens, before the categories ask
    joint_width: int = option(0)  # of the space that all modalities share; 0: there is none


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything that decides the shapes of a :class:`~moderation.model.Classifier`."""

    name: str = "compact"
    categories: tuple[str, ...] = CATEGORIES
    storage: Literal["float16", "float32", "int8"] = "float16"  # of the matrices on disk
    text: TextConfig = field(default_factory=TextConfig)
    image: ImageConfig = field(default_factory=ImageConfig)
    audio: AudioConfig = field(default_factory=AudioConfig)
    fusion: FusionConfig = field(default_factory=FusionConfig)

    def to_json(self) -> str:
        """Indented JSON that :meth:`from_json` reads back."""
        return json.dumps(_written(self), indent=2, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read ``config.json``.

        Raises:
            ModelFolderError: the text is no JSON object of this shape.
        """
        try:
            values: dict[str, Any] = json.loads(text)
            values["categories"] = tuple(values["categories"])
            values["image"]["stem"] = tuple(values["image"]["stem"])
            for part, kind in _PARTS.items():
                values[part] = kind(**values[part])
            return cls(**values)
        except (ValueError, TypeError, KeyError) as error:
            raise ModelFolderError(
                f"config.json does not describe a classifier ({error}); write it with "
                "Classifier.save_pretrained"
            ) from error


def _written(part: Any) -> dict[str, Any]:
    """The fields of a dataclass, without its options that are at their defaults."""
    values = {f.name: (getattr(part, f.name), f) for f in dataclasses.fields(part)}
    return {
        name: _written(value) if dataclasses.is_dataclass(value) else value
        for name, (value, f) in values.items()
        if not (f.metadata.get(_OPTION) and value == f.default)
    }


_PARTS: Final[dict[str, Any]] = {
    "text": TextConfig,
    "image": ImageConfig,
    "audio": AudioConfig,
    "fusion": FusionConfig,
}

PRESETS: Final[Mapping[str, ModelConfig]] = MappingProxyType(
    {
        # Ships trained: tens of millions of parameters, made for a laptop's CPU.
        "compact": ModelConfig(fusion=FusionConfig(interaction_layers=1, joint_width=128)),
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

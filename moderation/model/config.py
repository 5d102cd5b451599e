"""The dimensions of a classifier, as one tree of dataclasses that is saved as ``config.json``."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self, get_args

from moderation.model.errors import ModelConfigError, ModelFolderError, require_known
from schemas import CATEGORIES, Modality

MODALITIES: Final[tuple[Modality, ...]] = tuple(Modality)
"""The order of the modality axis in every tensor."""

SAMPLE_RATE: Final = 16_000  # samples a second of every waveform that the model hears

EFFICIENTNET_LITE_WIDTH: Final = 1280  # channels that leave its last convolution

TextKind = Literal["bert", "recurrent", "pretrained"]
ImageKind = Literal["hybrid", "cnn", "efficientnet_lite", "vit", "pretrained"]
AudioKind = Literal["conv_transformer", "recurrent", "pretrained"]
FusionKind = Literal["late", "concat", "weighted", "bilinear", "cross_attention"]

_OPTION: Final[dict[str, bool]] = {"option": True}
"""Marks a field that ``config.json`` leaves out at its default.

The version of a model hashes its config, and verdicts are named by that version: a new option that
a model does not use must not change it.
"""


@dataclass(frozen=True, slots=True)
class TextConfig:
    """A text encoder. The defaults are those of MiniLM-L6, which initialises ``compact``.

    ``bert`` is a BERT of these dimensions; ``recurrent`` reads word pieces by a bidirectional GRU
    of this width and depth; ``pretrained`` is any encoder of ``transformers``, from its source, or
    with fresh weights from its architecture (the fields of its own configuration, with its
    ``model_type``). :func:`~moderation.model.new_classifier` fills in what a source decides.
    """

    vocab_size: int = 30_522
    width: int = 384
    layers: int = 6
    heads: int = 12
    feed_forward: int = 1536
    max_tokens: int = 128  # longer texts are cut into windows
    dropout: float = 0.1
    # Of a pruned BERT, which has fewer heads; 0: width / heads.
    head_width: int = field(default=0, metadata=_OPTION)
    kind: TextKind = field(default="bert", metadata=_OPTION)
    source: str = field(default="", metadata=_OPTION)  # hub name or folder of a pretrained encoder
    architecture: dict[str, Any] | None = field(default=None, metadata=_OPTION)

    def __post_init__(self) -> None:
        require_known("text.kind", self.kind, get_args(TextKind))
        _require_origin("text", self)


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """An image encoder.

    ``hybrid`` is a convolutional stem, which halves the sides at each stage, and a ViT over what
    is left; ``cnn`` is the stem alone; ``efficientnet_lite`` is EfficientNet-Lite0, of which only
    ``size`` can be chosen; ``vit`` is a ViT over square patches; ``pretrained`` is a ViT, the image
    side of a CLIP or another image encoder of ``transformers``.
    """

    size: int = 112  # pixels a side
    stem: tuple[int, ...] = (32, 64, 128, 192)  # channels of each stage; the last is the width
    layers: int = 3
    heads: int = 4
    feed_forward: int = 384
    dropout: float = 0.1
    kind: ImageKind = field(default="hybrid", metadata=_OPTION)
    hidden: int = field(
        default=0, metadata=_OPTION
    )  # width of a ViT or a pretrained encoder, which have no stem
    patch: int = field(
        default=16, metadata=_OPTION
    )  # pixels a side of what a ViT takes for one token
    # Pixels are brought to about zero mean and unit spread, as photographs have them.
    pixel_mean: tuple[float, ...] = field(default=(0.45, 0.45, 0.45), metadata=_OPTION)
    pixel_spread: tuple[float, ...] = field(default=(0.25, 0.25, 0.25), metadata=_OPTION)
    source: str = field(default="", metadata=_OPTION)
    architecture: dict[str, Any] | None = field(default=None, metadata=_OPTION)

    def __post_init__(self) -> None:
        require_known("image.kind", self.kind, get_args(ImageKind))
        _require_origin("image", self)
        if self.kind in {"hybrid", "cnn"} and not self.stem:
            raise ModelConfigError(f"image.stem of a {self.kind} encoder needs at least one stage")
        if self.kind == "vit" and self.hidden < 1:
            raise ModelConfigError(
                "image.hidden of a vit encoder is its width; set it, e.g. to 192"
            )

    @property
    def width(self) -> int:
        """Length of the encoder's vectors."""
        if self.kind == "efficientnet_lite":
            return EFFICIENTNET_LITE_WIDTH
        return self.hidden or self.stem[-1]


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """An audio encoder.

    ``conv_transformer`` is log-mel spectra, two strided 1-D convolutions and a transformer;
    ``recurrent`` has a bidirectional GRU in its place; ``pretrained`` is an Audio Spectrogram
    Transformer or the encoder of a Whisper, with log-mel spectra as they were trained on. With
    ``letters`` it also spells out what is spoken.
    """

    max_seconds: float = 5.0  # longer sounds are cut into windows
    mels: int = 64
    window: int = 400  # samples, 25 ms: one spectrum
    hop: int = 160  # samples, 10 ms: from one spectrum to the next
    width: int = 192
    layers: int = 4
    heads: int = 4
    feed_forward: int = 384
    dropout: float = 0.1
    kind: AudioKind = field(default="conv_transformer", metadata=_OPTION)
    letters: bool = field(default=False, metadata=_OPTION)
    # Of the log-mel spectra that an Audio Spectrogram Transformer learnt from: AudioSet's.
    mel_mean: float = field(default=-4.2677393, metadata=_OPTION)
    mel_spread: float = field(default=4.5689974, metadata=_OPTION)
    source: str = field(default="", metadata=_OPTION)
    architecture: dict[str, Any] | None = field(default=None, metadata=_OPTION)

    def __post_init__(self) -> None:
        require_known("audio.kind", self.kind, get_args(AudioKind))
        _require_origin("audio", self)

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
    interaction_layers: int = field(
        default=0, metadata=_OPTION
    )  # of attention among the tokens, before the categories ask
    joint_width: int = field(
        default=0, metadata=_OPTION
    )  # of the space that all modalities share; 0: there is none

    def __post_init__(self) -> None:
        require_known("fusion.kind", self.kind, get_args(FusionKind))
        if self.kind == "late" and self.joint_width < 1:
            raise ModelConfigError(
                "late fusion judges each modality by its vector in the joint space; "
                "set fusion.joint_width, for example to 128"
            )


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
            values = _with_tuples(json.loads(text))
            for part, kind in _PARTS.items():
                values[part] = kind(**_with_tuples(values[part]))
            return cls(**values)
        except (ValueError, TypeError, KeyError, AttributeError, ModelConfigError) as error:
            raise ModelFolderError(
                f"config.json does not describe a classifier ({error}); write it with "
                "Classifier.save_pretrained"
            ) from error


def _require_origin(part: str, config: TextConfig | ImageConfig | AudioConfig) -> None:
    if config.kind == "pretrained" and not (config.source or config.architecture):
        raise ModelConfigError(
            f"a pretrained {part} encoder needs {part}.source, a hub name or folder, or "
            f"{part}.architecture, the fields of its configuration with its model_type"
        )


def _written(part: Any) -> dict[str, Any]:
    """The fields of a dataclass, without its options that are at their defaults."""
    values = {f.name: (getattr(part, f.name), f) for f in dataclasses.fields(part)}
    return {
        name: _written(value) if dataclasses.is_dataclass(value) else value
        for name, (value, f) in values.items()
        if f.metadata != _OPTION or value != f.default
    }


def _with_tuples(values: dict[str, Any]) -> dict[str, Any]:
    """What JSON gives back as lists, as the dataclasses hold it."""
    return {name: tuple(v) if isinstance(v, list) else v for name, v in values.items()}


_PARTS: Final[dict[str, Any]] = {
    "text": TextConfig,
    "image": ImageConfig,
    "audio": AudioConfig,
    "fusion": FusionConfig,
}

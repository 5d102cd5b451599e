"""Who is compared: encoders by modality and kind, fusions, and whole presets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from moderation.model import MODALITIES, PRESETS, FusionConfig, ImageConfig, ModelConfig
from moderation.model.config import FusionKind
from schemas import Modality

ALONE: Final = FusionConfig(kind="concat")  # over an encoder that is judged by itself
FILLER: Final = PRESETS["tiny"]  # gives the encoders that a contender does without

Kinds = Mapping[Modality, str]
"""One encoder of each modality."""


@dataclass(frozen=True, slots=True)
class Lineup:
    """All contenders.

    Attributes:
        encoders: dimensions by modality and kind.
        fusion: dimensions of every fusion over the best encoders.
        fusions: their kinds.
        presets: by name; each is put together of the encoders of its kinds.
    """

    encoders: Mapping[Modality, Mapping[str, Any]]
    fusion: FusionConfig
    fusions: Sequence[FusionKind]
    presets: Mapping[str, ModelConfig]

    def alone(self, modality: Modality, kind: str) -> ModelConfig:
        """A model of one encoder; those of the other modalities are as small as can be."""
        part: dict[str, Any] = {modality.value: self.encoders[modality][kind]}
        return dataclasses.replace(FILLER, name=f"{modality.value}-{kind}", fusion=ALONE, **part)

    def together(self, kinds: Kinds, fusion: FusionConfig) -> ModelConfig:
        """A model of three encoders."""
        parts: dict[str, Any] = {m.value: self.encoders[m][kinds[m]] for m in MODALITIES}
        return ModelConfig(name="-".join(kinds[m] for m in MODALITIES), fusion=fusion, **parts)

    def kinds_of(self, preset: str) -> Kinds:
        """The encoders that a preset is put together of."""
        config = self.presets[preset]
        return {m: getattr(config, m.value).kind for m in MODALITIES}


def shipped_lineup() -> Lineup:
    """Every kind that trains without a network, in the dimensions that the presets give it."""
    compact, clip, plain = PRESETS["compact"], PRESETS["clip"], PRESETS["cnn_rnn"]
    return Lineup(
        encoders={
            Modality.TEXT: {"bert": compact.text, "recurrent": plain.text},
            Modality.IMAGE: {
                "efficientnet_lite": compact.image,
                "hybrid": ImageConfig(),
                "cnn": plain.image,
                "vit": clip.image,
            },
            Modality.AUDIO: {"conv_transformer": compact.audio, "recurrent": plain.audio},
        },
        fusion=compact.fusion,
        fusions=get_args(FusionKind),
        presets={name: PRESETS[name] for name in ("cnn_rnn", "clip", "crossclip", "compact")},
    )

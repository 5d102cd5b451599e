"""The classifier: encoders, adapters, fusion, one sigmoid head a category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import torch
from torch import Tensor, nn

from moderation.model.audio_encoder import AudioEncoder
from moderation.model.audio_encoders import build_audio_encoder
from moderation.model.calibration import Calibration
from moderation.model.config import MODALITIES, ModelConfig
from moderation.model.errors import ModelError, ModelFolderError
from moderation.model.fusion import TOKEN_SPREAD, Adapter, FusionInput, build_fusion
from moderation.model.image_encoder import ImageEncoder
from moderation.model.image_encoders import build_image_encoder
from moderation.model.inputs import ModelInputs
from moderation.model.joint import PAIRS, JointSpace
from moderation.model.text_encoders import TextEncoder, build_text_encoder
from moderation.model.tokenizer import TextTokenizer
from schemas import Modality


@dataclass(frozen=True, slots=True)
class Embeddings:
    """What the encoders said about a batch; it can be cached, and fused again and again.

    Attributes:
        vectors: by modality, shape = (batch, that encoder's width); rows without it hold zeros.
        present: bool, shape = (batch, modalities), in the order of ``MODALITIES``.
    """

    vectors: Mapping[Modality, Tensor]
    present: Tensor

    def without(self, modality: Modality) -> Embeddings:
        """The same posts as if none had this modality."""
        present = self.present.clone()
        present[:, MODALITIES.index(modality)] = False
        return Embeddings(self.vectors, present)


@dataclass(frozen=True, slots=True)
class ModelOutput:
    """What the classifier says about a batch.

    Attributes:
        logits: before calibration, shape = (batch, categories).
        probabilities: calibrated, shape = (batch, categories).
        embedding: of the whole post, unit length, shape = (batch, fusion width).
        tokens: what the fusion saw, shape = (batch, modalities, tokens, fusion width).
        joint: by modality, unit vectors in the space that all share, shape = (batch, joint width),
            zeros where absent; empty for a model without a joint space.
    """

    logits: Tensor
    probabilities: Tensor
    embedding: Tensor
    tokens: Tensor
    joint: Mapping[Modality, Tensor]


class Classifier(nn.Module):
    """Scores posts of text, image and sound, in any subset, for every category.

    Args:
        config: the dimensions.
        tokenizer: of the text; its vocabulary has ``config.text.vocab_size`` tokens or fewer.
        calibration: of the heads; the identity if there is none yet.

    Attributes:
        in_bf16: whose encoders compute in bfloat16, by autocast, of their own accord.

    Raises:
        ModelConfigError: the configuration describes no encoder that could be built.
        ModelFolderError: the tokenizer does not fit the text encoder.
    """

    def __init__(
        self,
        config: ModelConfig,
        tokenizer: TextTokenizer,
        calibration: Calibration | None = None,
    ) -> None:
        super().__init__()
        self.config = config
        self.tokenizer = tokenizer
        self.in_bf16: frozenset[Modality] = frozenset()
        categories = len(config.categories)
        self.calibration = calibration or Calibration.identity(categories)
        self.text_encoder = build_text_encoder(config.text)
        self.image_encoder = build_image_encoder(config.image)
        self.audio_encoder = build_audio_encoder(config.audio)
        self._check_tokenizer()
        self.adapters = nn.ModuleList(
            Adapter(self.embedding_width(modality), config.fusion) for modality in MODALITIES
        )
        shape = (len(MODALITIES), config.fusion.tokens, config.fusion.width)
        self.absent = nn.Parameter(torch.randn(shape) * TOKEN_SPREAD)
        self.joint_space = JointSpace(config.fusion) if config.fusion.joint_width else None
        self.fusion = build_fusion(config.fusion, categories=categories)
        self.head_weight = nn.Parameter(torch.randn(categories, config.fusion.width) * TOKEN_SPREAD)
        self.head_bias = nn.Parameter(torch.zeros(categories))

    @property
    def categories(self) -> tuple[str, ...]:
        """Names of the heads, in order."""
        return self.config.categories

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.absent.device

    @property
    def version(self) -> str:
        """Name and content, e.g. ``compact@sha256:1a2b3c4d5e6f``. Hashes all weights: read it once.

        It is the same before saving and after loading.
        """
        from moderation.model.store import content_version

        return content_version(self)

    @property
    def joint_scale(self) -> nn.Parameter:
        """How fast the probability of belonging together grows with the cosine.

        Raises:
            ModelError: the model has no joint space.
        """
        return self._joint_space().scale

    @property
    def joint_bias(self) -> nn.Parameter:
        """Log-odds of belonging together at a cosine of 0.

        Raises:
            ModelError: the model has no joint space.
        """
        return self._joint_space().bias

    def _joint_space(self) -> JointSpace:
        if self.joint_space is None:
            raise ModelError(
                f"{self.config.name} has no joint space; set fusion.joint_width, for example to 128"
            )
        return self.joint_space

    def encoder_of(self, modality: Modality) -> TextEncoder | ImageEncoder | AudioEncoder:
        """The module that reads a modality."""
        if modality is Modality.TEXT:
            return self.text_encoder
        return self.image_encoder if modality is Modality.IMAGE else self.audio_encoder

    def embedding_width(self, modality: Modality) -> int:
        """Length of the vector that a modality's encoder gives."""
        return self.encoder_of(modality).width

    def encode(
        self,
        inputs: ModelInputs,
        encoder: Callable[[ModelInputs, Modality], Tensor] | None = None,
    ) -> Embeddings:
        """Run each encoder on the rows that have its modality.

        Args:
            inputs: a batch.
            encoder: in place of :meth:`encode_modality`, whose answers it gives in another way.
        """
        run = encoder or self.encode_modality
        present = torch.zeros(inputs.size, len(MODALITIES), dtype=torch.bool, device=self.device)
        vectors = {}
        for place, modality in enumerate(MODALITIES):
            rows = self._rows(inputs, modality)
            full = torch.zeros(inputs.size, self.embedding_width(modality), device=self.device)
            if len(rows):
                full = full.index_copy(0, rows, run(inputs, modality).float())
                present[rows, place] = True
            vectors[modality] = full
        return Embeddings(vectors, present)

    def encode_modality(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        """One encoder's vectors, shape = (rows that have the modality, its width)."""
        vectors: Tensor
        if modality is Modality.TEXT:
            vectors = self.text_encoder(inputs.text_ids, inputs.text_mask)
        elif modality is Modality.IMAGE:
            vectors = self.image_encoder(inputs.images)
        else:
            vectors = self.audio_encoder(inputs.audio, inputs.audio_lengths)
        return vectors

    @property
    def spells(self) -> bool:
        """Whether the audio encoder writes down what is said."""
        return self.audio_encoder.letters is not None

    def hear(self, inputs: ModelInputs) -> tuple[Tensor, list[str]]:
        """What the audio encoder hears, and what is said, spelt by ear.

        Returns:
            Vectors, shape = (rows that have sound, width), and one transcript a row; empty where
            nothing is said, and for a model that does not spell.
        """
        return self.audio_encoder.heard(inputs.audio, inputs.audio_lengths)

    def _check_tokenizer(self) -> None:
        room, wanted = self.config.text.vocab_size, self.text_encoder.padding
        if self.tokenizer.vocab_size > room:
            raise ModelFolderError(
                f"the tokenizer has {self.tokenizer.vocab_size} tokens, the text encoder room for "
                f"{room}; raise text.vocab_size"
            )
        if wanted is not None and self.tokenizer.padding != wanted:
            raise ModelFolderError(
                f"the tokenizer pads with {self.tokenizer.padding}, the text encoder counts "
                f"positions from {wanted}; set pad_token_id in text.architecture"
            )

    @staticmethod
    def _rows(inputs: ModelInputs, modality: Modality) -> Tensor:
        return {
            Modality.TEXT: inputs.text_rows,
            Modality.IMAGE: inputs.image_rows,
            Modality.AUDIO: inputs.audio_rows,
        }[modality]

    def fuse(self, embeddings: Embeddings) -> ModelOutput:
        """Adapters, fusion, heads, calibration."""
        tokens, present, space = self._tokens(embeddings), embeddings.present, self.joint_space
        joint = {} if space is None else space(tokens, present)
        features = self.fusion(FusionInput(tokens, present, joint)).float()
        logits = (features * self.head_weight).sum(dim=-1) + self.head_bias
        return ModelOutput(
            logits=logits,
            probabilities=self.calibrated(logits),
            embedding=nn.functional.normalize(features.mean(dim=1), dim=-1),
            tokens=tokens,
            joint=joint,
        )

    def mismatch(self, embeddings: Embeddings) -> Mapping[str, Tensor]:
        """Probability that two modalities of a post do not belong together.

        A caption that belongs to another picture, a voice that says another text.

        Returns:
            By ``text_image``, ``text_audio`` and ``image_audio``, shape = (batch,); NaN where one
            of the two is absent, and everywhere for a model without a joint space.
        """
        present = embeddings.present
        if self.joint_space is None:
            unknown = torch.full((present.shape[0],), float("nan"), device=present.device)
            return dict.fromkeys(PAIRS, unknown)
        joint = self.joint_space(self._tokens(embeddings), present)
        return self.joint_space.mismatch(joint, present)

    def _tokens(self, embeddings: Embeddings) -> Tensor:
        """Adapters' tokens, with the learned ones where a modality is absent."""
        parts = []
        for place, (modality, adapter) in enumerate(zip(MODALITIES, self.adapters, strict=True)):
            here = embeddings.present[:, place, None, None]
            tokens = adapter(embeddings.vectors[modality])
            parts.append(torch.where(here, tokens, self.absent[place].to(tokens.dtype)))
        return torch.stack(parts, dim=1)

    def calibrated(self, logits: Tensor) -> Tensor:
        """Probabilities of (batch, categories) logits."""
        return torch.sigmoid(
            logits / logits.new_tensor(self.calibration.temperature)
            + logits.new_tensor(self.calibration.offset)
        )

    def forward(self, inputs: ModelInputs) -> ModelOutput:
        """Encode and fuse."""
        return self.fuse(self.encode(inputs))

    def save_pretrained(self, folder: str | Path) -> None:
        """Write the model's files into a folder, which is made if missing."""
        from moderation.model.store import save_folder

        save_folder(self, Path(folder))

    @classmethod
    def from_pretrained(cls, folder: str | Path) -> Self:
        """Read a folder that :meth:`save_pretrained` wrote; float32, on the CPU, in eval mode.

        Raises:
            ModelFolderError: a file is missing or does not fit the others.
        """
        from moderation.model.store import load_folder

        return load_folder(cls, Path(folder))

"""The steps of a classifier that scoring is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from moderation.model import Classifier, Embeddings, ModelInputs, modality_shares
from schemas import Modality


@dataclass(frozen=True, slots=True)
class Fused:
    """What the fusion says about a batch.

    Attributes:
        probabilities: calibrated, shape = (batch, categories).
        mismatch: as of :meth:`~moderation.model.Classifier.mismatch`.
    """

    probabilities: Tensor
    mismatch: Mapping[str, Tensor]


class Steps:
    """Each step as the classifier takes it: Python asks torch for one operation after the other.

    Args:
        classifier: in eval mode, on its device.
    """

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def encode(self, inputs: ModelInputs, modality: Modality) -> Tensor:
        """One encoder's vectors, shape = (rows that have the modality, its width)."""
        return self._classifier.encode_modality(inputs, modality)

    def hear(self, inputs: ModelInputs) -> tuple[Tensor, list[str]]:
        """Vectors of the sounds, and what is said in each."""
        return self._classifier.hear(inputs)

    def embed(self, inputs: ModelInputs) -> Embeddings:
        """Each encoder's vectors of a batch of posts as they are, without sorting or cutting."""
        return self._classifier.encode(inputs, self.encode)

    def fuse(self, embeddings: Embeddings) -> Fused:
        """What the fusion says of posts."""
        output = self._classifier.fuse(embeddings)
        return Fused(output.probabilities, self._classifier.mismatch(embeddings))

    def shares(self, embeddings: Embeddings) -> Tensor:
        """See :func:`~moderation.model.modality_shares`."""
        return modality_shares(self._classifier, embeddings)

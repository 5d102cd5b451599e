"""What every fusion takes, and the learned tokens that several share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from torch import Tensor

from schemas import Modality

TOKEN_SPREAD: Final = 0.02  # of learned tokens at the start


@dataclass(frozen=True, slots=True)
class FusionInput:
    """A batch after the adapters.

    Attributes:
        tokens: shape = (batch, modalities, tokens, width); an absent modality holds its learned
            token already.
        present: bool, shape = (batch, modalities).
        joint: by modality, its unit vector in the joint space, zeros where absent, shape =
            (batch, joint width); empty for a model without a joint space.
    """

    tokens: Tensor
    present: Tensor
    joint: Mapping[Modality, Tensor]

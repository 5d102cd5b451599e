"""The joint space: one place for all modalities, where what belongs together lies close.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision" (CLIP,
2021), with the scale and bias of Zhai et al., "Sigmoid Loss for Language Image Pre-Training"
(SigLIP, 2023): two pieces belong together with probability ``sigmoid(scale * cosine + bias)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from schemas import Modality

INITIAL_SCALE: Final = 10.0  # as SigLIP starts: confident enough for gradients to flow
INITIAL_BIAS: Final = -10.0  # as SigLIP starts: almost no pair of a batch belongs together

PAIRS: Final[Mapping[str, tuple[Modality, Modality]]] = MappingProxyType(
    {f"{a.value}_{b.value}": (a, b) for a, b in combinations(MODALITIES, 2)}
)
"""Every two modalities that can contradict each other, by the name of their mismatch."""


class JointSpace(nn.Module):
    """One projection a modality from the adapter's tokens to a unit vector.

    The adapter before it has a hidden layer, so a linear projection is enough, also over encoders
    that are kept as they are.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.projections = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(config.width), nn.Linear(config.width, config.joint_width))
            for _ in MODALITIES
        )
        self.scale = nn.Parameter(torch.tensor(INITIAL_SCALE))
        self.bias = nn.Parameter(torch.tensor(INITIAL_BIAS))

    def forward(self, tokens: Tensor, present: Tensor) -> dict[Modality, Tensor]:
        """Project the adapters' tokens.

        Args:
            tokens: shape = (batch, modalities, tokens, fusion width).
            present: bool, shape = (batch, modalities).

        Returns:
            By modality, unit vectors, shape = (batch, joint width); zeros where it is absent.
        """
        vectors = {}
        for place, (modality, project) in enumerate(zip(MODALITIES, self.projections, strict=True)):
            unit = nn.functional.normalize(project(tokens[:, place].mean(dim=1)).float(), dim=-1)
            vectors[modality] = unit * present[:, place, None]
        return vectors

    def mismatch(self, joint: Mapping[Modality, Tensor], present: Tensor) -> dict[str, Tensor]:
        """Probability, by :data:`PAIRS`, that the two do not belong together; shape = (batch,).

        NaN where one of the two is absent.
        """
        found = {}
        for name, (first, second) in PAIRS.items():
            cosine = (joint[first] * joint[second]).sum(dim=-1)
            apart = torch.sigmoid(-(self.scale * cosine + self.bias))
            both = present[:, MODALITIES.index(first)] & present[:, MODALITIES.index(second)]
            found[name] = apart.masked_fill(~both, float("nan"))
        return found

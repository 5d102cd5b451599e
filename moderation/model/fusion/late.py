"""Late fusion: each modality judges alone, and the judgements are added up."""

from __future__ import annotations

from torch import Tensor, nn

from moderation.model.config import MODALITIES, FusionConfig
from moderation.model.fusion.interface import FusionInput


class LateFusion(nn.Module):
    """Unit vectors of a dual encoder, each with its own linear head, and no interaction.

    The vectors are those that a contrastive loss aligns, as in CLIP (Radford et al., 2021). The
    head over the summed features is linear, so a post's logit is the sum of what each present
    modality says for itself, plus the category's bias: the log-odds of independent evidence
    (Kittler et al., "On Combining Classifiers", 1998). An absent modality is no evidence.
    """

    def __init__(self, config: FusionConfig, *, categories: int) -> None:
        super().__init__()
        self.categories = categories
        self.spread = config.joint_width**0.5  # a unit vector's entries to about unit spread
        self.heads = nn.ModuleList(
            nn.Linear(config.joint_width, config.width, bias=False) for _ in MODALITIES
        )

    def forward(self, batch: FusionInput) -> Tensor:
        """Features of (batch, categories, width), the same for every category."""
        total: Tensor = sum(
            head(batch.joint[modality] * self.spread)
            for modality, head in zip(MODALITIES, self.heads, strict=True)
        )
        return total.unsqueeze(1).expand(-1, self.categories, -1)

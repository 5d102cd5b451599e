"""Settings of a second model beside the one that judges, and of how models change."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, Field, model_validator


class RolloutSettings(BaseModel):
    """A part of the worker's settings."""

    shadow_model: str | None = Field(
        None,
        min_length=1,
        description="Folder of the weights of a second model, or `shipped`: it scores a share of "
        "the posts after they are judged, and what it would have done goes to `shadow-verdicts` "
        "and into metrics. It changes no verdict. When empty, there is none.",
    )
    shadow_share: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Share of the posts that the second model scores as well, drawn by a hash of "
        "their id.",
    )
    models: Path | None = Field(
        None,
        description="Folder of which each subfolder is a model. With it the worker follows "
        "`model-rollouts`, where `moderation rollout` says which of them judges which share of "
        "the posts; up to two are loaded at once. When empty, only a restart changes the model.",
    )

    @model_validator(mode="after")
    def _one_source_of_models(self) -> Self:
        if self.shadow_model is not None and self.models is not None:
            raise ValueError(
                "shadow_model and models name the second model both; start the comparison by "
                "`moderation rollout start`, and leave shadow_model empty"
            )
        return self

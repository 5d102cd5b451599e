"""What a model says that does not judge, beside the one that does."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from schemas.base import Identifier, Instant, Message, Name, Probability
from schemas.post import LanguageTag
from schemas.taxonomy import Action, Category, Modality, VerdictStatus
from schemas.verdict import Sampling, Version, Versions

Share = Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)]


class ShadowVerdict(Message):
    """What another model would have said about a post that was judged. Keyed by ``post_id``.

    Nothing is done by it. Both actions are what the same policy makes of either model's scores,
    with everything else as it was known then, but without quotas and without a reviewer's earlier
    word: they differ by the models alone. A post that the other model was not asked about, or
    failed on, has none; of several with one ``verdict_id`` each says the same.
    """

    verdict_id: UUID
    """Of the verdict on the post."""
    post_id: Identifier
    revision: Annotated[int, Field(ge=1, le=2**53)]
    author_id: Identifier
    status: VerdictStatus
    """``degraded`` where the other model could not look at something."""
    versions: Versions
    """Of the other model, and of the policy and banks, which are those of the verdict."""
    action: Action
    """By the other model."""
    model_action: Action
    """By its scores alone, without any rule."""
    scores: dict[Category, Probability] = Field(default_factory=dict)
    """By the other model, after the rules."""
    model_scores: dict[Category, Probability] = Field(default_factory=dict)
    """By the other model, before any rule."""
    live_model: Version
    """That judged."""
    live_action: Action
    """By the model that judged."""
    live_model_scores: dict[Category, Probability] = Field(default_factory=dict)
    """By the model that judged, before any rule."""
    share: Share
    """Of the posts, that both models score: each is drawn with this probability."""
    sampling: Sampling
    """Of the verdict: whether reviewers see the post whatever the machine says."""
    modalities: tuple[Modality, ...] = ()
    language: LanguageTag | None = None
    surface: Name = "feed"
    decided_at: Instant
    """Of the verdict."""

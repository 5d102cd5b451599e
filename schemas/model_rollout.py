"""Which model judges which posts, as an operator tells all workers of a group."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from schemas.base import Identifier, Instant, Message, Part, Probability

FolderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""Of one folder: no separators, so that it cannot lead out of the folder that holds the models."""

FolderDigest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class ModelFolder(Part):
    """A model in the folder of models that every worker of the group has."""

    name: FolderName
    digest: FolderDigest
    """Over the files that make the model: a worker takes no other one of that name."""


class ModelRollout(Message):
    """Which model judges, and which one is about to. Keyed by ``group`` on ``model-rollouts``."""

    group: Identifier
    """Consumer group of the workers."""
    live: ModelFolder | None = None
    """Absent, the model that each worker's settings name."""
    candidate: ModelFolder | None = None
    """Judges a share of the posts, and is compared with ``live`` on another."""
    candidate_share: Probability = 0.0
    """Of the posts, that the candidate judges, drawn by a hash of their id."""
    compared_share: Probability = 0.0
    """Of the posts, that both models score."""
    previous: ModelFolder | None = None
    """Judged before ``live``; absent, the model that each worker's settings name."""
    can_go_back: bool = False
    """Whether ``previous`` says where a roll-back leads."""
    by: Identifier
    """Who wants it so."""
    at: Instant

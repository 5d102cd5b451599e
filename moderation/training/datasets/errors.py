"""What can go wrong with a public set."""

from __future__ import annotations

from moderation.training.errors import TrainingError


class DatasetError(TrainingError):
    """The folder is not a clone of the set's repository, or a file in it is not as expected."""

"""What can go wrong with labelled data and with measuring on it.

EvaluationError
├── ManifestError       a manifest, or a media file that it names, cannot be read
├── ThresholdsError     a file of thresholds cannot be read or does not fit the model
├── FoldsError          the rows cannot be dealt into so many folds
└── MissingExtraError   a library of the optional extra ``train`` is not installed
"""

from __future__ import annotations


class EvaluationError(Exception):
    """Anything that stops a measurement."""


class ManifestError(EvaluationError):
    """A manifest or a file of it cannot be read; the message names file and line."""


class ThresholdsError(EvaluationError):
    """Thresholds that are no probabilities, or of categories that the model does not have."""


class FoldsError(EvaluationError):
    """Too few rows or groups of rows for the folds that are asked for."""


class MissingExtraError(EvaluationError):
    """A figure or picture needs a library that only the extra ``train`` installs."""

    def __init__(self, library: str) -> None:
        super().__init__(
            f"{library} is not installed; it comes with the optional extra `train`: "
            "pip install 'moderation[train]'"
        )

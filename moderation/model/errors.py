"""What can go wrong with a model folder or with what a model is given.

ModelError
├── ModelFolderError   the folder is not a model, or its parts do not fit together
└── ModelInputError    a batch has no meaning for this model
"""

from __future__ import annotations


class ModelError(Exception):
    """Anything that the classifier refuses to do."""


class ModelFolderError(ModelError):
    """A model folder misses a file, or its files contradict each other."""


class ModelInputError(ModelError):
    """Text, pixels or sound in a shape that the classifier cannot take."""

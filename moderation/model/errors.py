"""What can go wrong with a model's configuration or folder, or with what a model is given.

ModelError
├── ModelConfigError   a configuration names what does not exist, or contradicts itself
├── ModelFolderError   the folder is not a model, or its parts do not fit together
└── ModelInputError    a batch has no meaning for this model
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class ModelError(Exception):
    """Anything that the classifier refuses to do."""


class ModelConfigError(ModelError):
    """A kind, dimension or source that no model can be built from."""


class ModelFolderError(ModelError):
    """A model folder misses a file, or its files contradict each other."""


class ModelInputError(ModelError):
    """Text, pixels or sound in a shape that the classifier cannot take."""


def nearest(given: str, allowed: Iterable[str]) -> str:
    """``; did you mean 'x'?`` for the allowed value that looks most like the given one, if any."""
    found = get_close_matches(given, list(allowed), n=1, cutoff=0.4)
    return f"; did you mean {found[0]!r}?" if found else ""


def require_known(what: str, given: str, allowed: Iterable[str]) -> None:
    """Accept one of the allowed values.

    Raises:
        ModelConfigError: it is none of them; the message names the nearest.
    """
    values = list(allowed)
    if given not in values:
        raise ModelConfigError(
            f"{what} cannot be {given!r}, only {', '.join(values)}{nearest(given, values)}"
        )

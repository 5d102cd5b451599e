"""Libraries of the optional extra ``train``, imported when a figure or picture needs them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from moderation.evaluation.errors import MissingExtraError


def extra(module: str) -> Any:
    """Import a module, such as ``scipy.stats``.

    Raises:
        MissingExtraError: its library is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(module.partition(".")[0]) from error

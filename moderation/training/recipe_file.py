"""A recipe's numbers from a YAML file, such as ``{seed: 3, text: {epochs: 5}}``."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import yaml

from moderation.training.errors import TrainingError
from moderation.training.recipe import Recipe

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Numbers = TypeVar("Numbers", bound="DataclassInstance")


def read_recipe(path: Path, base: Recipe) -> Recipe:
    """A recipe with some of its numbers replaced by those of a file.

    Raises:
        TrainingError: no such file, or it names a number that there is not, or gives none.
    """
    try:
        values = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeError, yaml.YAMLError) as error:
        raise TrainingError(f"{path}: not a readable recipe ({error})") from error
    return _replaced(base, values, str(path))


def _replaced(base: Numbers, values: object, where: str) -> Numbers:
    if not isinstance(values, Mapping):
        raise TrainingError(f"{where}: expected names and numbers, such as `seed: 3`")
    fields: dict[str, Any] = {
        field.name: getattr(base, field.name) for field in dataclasses.fields(base)
    }
    changed = {}
    for name, value in values.items():
        if name not in fields:
            raise TrainingError(f"{where}: no {name!r} here; there are {', '.join(fields)}")
        own = fields[name]
        if dataclasses.is_dataclass(own) and not isinstance(own, type):
            changed[name] = _replaced(own, value, f"{where}: {name}")
        elif isinstance(value, bool) or not isinstance(value, int | type(own)):
            kind = "a whole number" if isinstance(own, int) else "a number"
            raise TrainingError(f"{where}: {name} must be {kind}, not {value!r}")
        else:
            changed[name] = type(own)(value)
    return dataclasses.replace(base, **changed)

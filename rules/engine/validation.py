"""Plain data to a pydantic model, with each mistake at its place and in plain words."""

from __future__ import annotations

import textwrap
import types
import typing
from collections.abc import Mapping
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from rules.engine.located_yaml import LocatedData, Path
from rules.engine.nearest import did_you_mean
from rules.engine.scalars import REGION_PATTERN, SURFACE_PATTERN
from rules.errors import Diagnostic, PolicyError

M = TypeVar("M", bound=BaseModel)

MAX_SHOWN_LENGTH: Final = 60
"""Characters of a wrong value that are repeated in a message."""

_EXPECTED: Final = {
    "string_type": "text",
    "string_too_short": "some text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "mapping_type": "a mapping",
}


def validate(model: type[M], located: LocatedData) -> M:
    """The data as the model.

    Raises:
        PolicyError: it does not fit; every mistake with its line and what was expected.
    """
    try:
        return model.model_validate(located.data)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise PolicyError([_diagnostic(model, located, detail) for detail in details]) from error


def _diagnostic(model: type[BaseModel], located: LocatedData, detail: ErrorDetails) -> Diagnostic:
    path: Path = detail["loc"]
    if path and path[-1] == "[key]":
        path = path[:-1]
        return located.error_at_key(path, f"{path[-1]!r} is no valid name", _name_hint(detail))
    if detail["type"] == "extra_forbidden":
        hint = did_you_mean(str(path[-1]), _fields_at(model, path[:-1]))
        return located.error_at_key(path, f"unknown key {path[-1]!r}", hint)
    if detail["type"] == "missing":
        # The mapping begins at its first key; the key that leads to it says more.
        return located.error_at_key(path[:-1], f"the key {path[-1]!r} is missing")
    return located.error_at_value(path, *_explain(detail))


def _explain(detail: ErrorDetails) -> tuple[str, str]:
    """Message and hint for a value that does not fit."""
    found = _shown(detail["input"])
    context = detail.get("ctx", {})
    match detail["type"]:
        case "enum" | "literal_error":
            expected = str(context["expected"])
            words = expected.replace(" or ", ", ").replace("'", "").split(", ")
            message = f"{found} is not accepted here; expected {expected}"
            return message, did_you_mean(str(detail["input"]), words, otherwise="")
        case "string_pattern_mismatch":
            return f"{found} is no valid name", _name_hint(detail)
        case "too_short":
            return "expected at least one entry", ""
        case "value_error":
            return str(context["error"]), ""
        case kind if kind in _EXPECTED:
            bare = kind == "string_type" and isinstance(detail["input"], bool | int | float)
            hint = f"put it in quotes: '{found}'" if bare else ""
            return f"expected {_EXPECTED[kind]}, found {found}", hint
        case _:
            message = detail["msg"].replace("Input should be", "expected a value", 1)
            return f"{message}, found {found}", ""


def _name_hint(detail: ErrorDetails) -> str:
    pattern = detail.get("ctx", {}).get("pattern")
    if detail["type"] != "string_pattern_mismatch" or not pattern:
        return detail["msg"]
    if pattern == REGION_PATTERN:
        return "two capital letters, such as DE (ISO 3166-1)"
    if pattern == SURFACE_PATTERN:
        return f"as posts name their surface: {pattern}"
    return f"lower-case letters, digits and underscores, letter first: {pattern}"


def _shown(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case str():
            return repr(textwrap.shorten(value, MAX_SHOWN_LENGTH, placeholder=" …"))
        case _:
            return str(value)


def _fields_at(model: Any, path: Path) -> list[str]:
    """The field names of the model that the path leads to."""
    current: Any = model
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = current.model_fields[str(step)].annotation
        else:
            # A dict leads to its value type, a list to its item type.
            current = typing.get_args(current)[-1]
        while typing.get_origin(current) in {typing.Union, types.UnionType, typing.Annotated}:
            arguments = typing.get_args(current)
            current = next(kind for kind in arguments if kind is not type(None))
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(current.model_fields)
    return []

"""The words and numbers of a policy file: what each may be, and how it is read."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from schemas import Action

MAX_SHIFT: Final = 12.0
"""Log-odds. A shift of 12 turns 0.001 into 0.994: beyond it, a floor or ceiling says it plainer."""

REGION_PATTERN: Final = r"^[A-Z]{2}$"
SURFACE_PATTERN: Final = r"^[a-z][a-z0-9_-]{0,63}$"

_DURATION: Final = r"([0-9]{1,6})([smhd])"
_UNITS_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _duration(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("expected a duration such as 30m, 4h or 2d")  # noqa: TRY004 - pydantic reports a ValueError, and lets a TypeError through
    match = re.fullmatch(_DURATION, value)
    if match is None or int(match[1]) == 0:
        raise ValueError("expected a duration such as 30m, 4h or 2d")
    return timedelta(seconds=int(match[1]) * _UNITS_SECONDS[match[2]])


def _restricts(action: Action) -> Action:
    if action is Action.ALLOW:
        raise ValueError("allow holds nothing back; expected limit, review or remove")
    return action


def _never(value: object) -> object:
    return None if value == "never" else value


Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A name in a policy. Underscores, no hyphens, so that conditions can use it as an identifier."""

Surface = Annotated[str, StringConstraints(pattern=SURFACE_PATTERN)]
"""A place of the platform where posts appear, as posts name it."""

Region = Annotated[str, StringConstraints(pattern=REGION_PATTERN)]
"""A country or territory, ISO 3166-1 alpha-2."""

Threshold = Annotated[
    Annotated[float, Field(gt=0.0, le=1.0, allow_inf_nan=False)] | None,
    BeforeValidator(_never),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "exclusiveMinimum": 0, "maximum": 1}, {"const": "never"}]}
    ),
]
"""The probability from which an action applies; ``never`` (or left out) switches it off."""

Bound = Annotated[float, Field(ge=0.0, le=1.0, allow_inf_nan=False)]
Shift = Annotated[float, Field(ge=-MAX_SHIFT, le=MAX_SHIFT, allow_inf_nan=False)]
Weight = Annotated[float, Field(ge=0.0, le=100.0, allow_inf_nan=False)]
Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION}$"}),
]
Note = Annotated[str, StringConstraints(max_length=2_000)]
AnyAction = Annotated[Action, Field(strict=False)]
Restriction = Annotated[AnyAction, AfterValidator(_restricts)]
"""An action that holds something back. What was not looked at can never simply be allowed."""


class Section(BaseModel):
    """A mapping in a policy file: unknown keys and guessed types are errors."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True
    )

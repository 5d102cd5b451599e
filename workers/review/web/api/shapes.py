"""What all of the API's messages have in common. The OpenAPI document is made from these."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_ITEMS = 100
Limit = Annotated[int, Field(ge=1, le=MOST_ITEMS)]
Offset = Annotated[int, Field(ge=0, le=1_000_000)]


class Shape(BaseModel):
    """Base: unknown fields are refused, so that a misspelt one is no silence."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, hide_input_in_errors=True)


class Problem(Shape):
    """Why a request was refused (RFC 9457, ``application/problem+json``)."""

    type: Literal["about:blank"] = "about:blank"
    title: str
    status: int
    detail: str

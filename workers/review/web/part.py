"""A part of the queue, as addresses and forms name it."""

from __future__ import annotations

from typing import Annotated, Final, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, Field, ValidationError, field_validator
from starlette.datastructures import FormData

from schemas.base import storable
from workers.review.errors import BadRequestError
from workers.review.store import Severity, Wanted
from workers.review.web.security import text_field

PARTS: Final = ("queue", "category", "language", "rule", "severity")
"""By which the queue is looked at."""

IN_FORMS: Final = "part_"
"""Before their names in forms, whose own fields say what applies to a post (``category``)."""


class Part(BaseModel):
    """Which part of the queue; None is any."""

    queue: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=64)
    category: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=32)
    language: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=35)
    rule: Annotated[str, AfterValidator(storable)] | None = Field(None, max_length=64)
    severity: Severity | None = None

    @field_validator(*PARTS, mode="before")
    @classmethod
    def _any(cls, value: object) -> object:
        return value or None  # what a form sends for "any"

    @classmethod
    def of_form(cls, form: FormData) -> Self:
        """The part that a form names.

        Raises:
            BadRequestError: there is none such.
        """
        try:
            return cls.model_validate(
                {name: text_field(form, IN_FORMS + name, longest=64) for name in PARTS}
            )
        except ValidationError:
            raise BadRequestError(
                "There is no such part of the queue. Choose one above it."
            ) from None

    def wanted(self) -> Wanted:
        """The part, for the store."""
        return Wanted(self.queue, self.category, self.language, self.rule, self.severity)

    def named(self) -> dict[str, str]:
        """What is not "any"."""
        return {name: str(value) for name in PARTS if (value := getattr(self, name))}

    def fields(self) -> dict[str, str]:
        """What is not "any", as a form's hidden fields."""
        return {IN_FORMS + name: value for name, value in self.named().items()}

    def kept(self) -> str:
        """The part as a query, for links to other pages of it."""
        return urlencode(self.named())

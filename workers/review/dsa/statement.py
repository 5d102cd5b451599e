"""A statement of reasons as the Transparency Database takes it since 1 July 2025.

Fields, enumerations and limits follow the API documentation of transparency.dsa.ec.europa.eu. What
this platform never does (money, accounts, the service as a whole) is left out: those fields are
optional as long as visibility is restricted.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from workers.review.dsa.vocabulary import (
    Automation,
    ContentType,
    Keyword,
    StatementCategory,
    Territory,
    Visibility,
)

EARLIEST_CONTENT: Final = date(2000, 1, 1)
EARLIEST_APPLICATION: Final = date(2020, 1, 1)


ShortText = Annotated[str, StringConstraints(min_length=1, max_length=500)]


class StatementOfReasons(BaseModel):
    """One statement; :meth:`payload` is what the API takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    puid: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,500}$")]
    """Names the statement within the platform, once and for all."""
    decision_visibility: Annotated[tuple[Visibility, ...], Field(min_length=1)]
    decision_ground: Literal["DECISION_GROUND_INCOMPATIBLE_CONTENT"] = (
        "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    )
    """The platform's own terms: whether content breaks a law is for its lawyers to say."""
    decision_ground_reference_url: str | None = None
    incompatible_content_ground: ShortText
    incompatible_content_explanation: Annotated[
        str, StringConstraints(min_length=1, max_length=2_000)
    ]
    decision_facts: Annotated[str, StringConstraints(min_length=1, max_length=5_000)]
    content_type: Annotated[tuple[ContentType, ...], Field(min_length=1)]
    content_type_other: ShortText | None = None
    category: StatementCategory
    category_addition: tuple[StatementCategory, ...] = ()
    category_specification: tuple[Keyword, ...] = ()
    category_specification_other: ShortText | None = None
    territorial_scope: Annotated[tuple[Territory, ...], Field(min_length=1)]
    content_language: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    content_date: Annotated[date, Field(ge=EARLIEST_CONTENT)]
    application_date: Annotated[date, Field(ge=EARLIEST_APPLICATION)]
    source_type: Literal["SOURCE_VOLUNTARY"] = "SOURCE_VOLUNTARY"
    """Posts are looked at on the platform's own initiative; notices do not come this way."""
    automated_detection: Literal["Yes", "No"]
    automated_decision: Automation

    @model_validator(mode="after")
    def _others_are_specified(self) -> Self:
        if (ContentType.OTHER in self.content_type) != (self.content_type_other is not None):
            raise ValueError("content_type_other goes with CONTENT_TYPE_OTHER, and only with it")
        other = Keyword.OTHER in self.category_specification
        if self.category_specification_other is not None and not other:
            raise ValueError("category_specification_other goes with KEYWORD_OTHER only")
        return self

    def payload(self) -> dict[str, Any]:
        """As JSON has it, without what is absent."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {name: value for name, value in given.items() if value != []}

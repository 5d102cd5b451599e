"""What the API gives about records, figures and what keeps the work good."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from schemas import Action
from workers.review.store import AppealState
from workers.review.web.api.shapes import Shape


class AppealShown(Shape):
    """An appeal and what became of it."""

    appeal_id: UUID
    state: AppealState
    refused_because: str | None
    contested: UUID
    post_id: str
    revision: int
    statement: str | None
    submitted_at: datetime
    received_at: datetime
    decided_at: datetime | None
    decision_id: UUID | None


class AuditShown(Shape):
    """A row of the trail."""

    row_id: int
    at: datetime
    event: str
    actor: str | None
    verdict_id: UUID | None
    detail: dict[str, str] | None
    digest: str


class ChainShown(Shape):
    """What a check of the trail's chain found."""

    sound: bool
    """Whether the trail is as it was written."""
    rows: int
    """Rows that follow from one another, from the first on."""
    head: str
    """Digest of the last of them. Note it elsewhere: as ``anchor`` it shows later whether rows were
    cut off the end."""
    broken_at: int | None
    """The first row that does not follow: it was changed or added, or one before it removed."""
    anchored: bool
    """Whether the ``anchor`` is the digest of one of them; true without one."""


class RestrictionCount(Shape):
    """Restrictions of one kind."""

    category: str
    action: str
    source: str
    imposed: int
    lifted: int


class ReviewCount(Shape):
    """Decisions of people beside what the machine had said."""

    machine_action: str
    action: str
    decisions: int


class AppealCounts(Shape):
    """Appeals of the period by what became of them."""

    state: str
    appeals: int


class FiguresShown(Shape):
    """Transparency figures of whole days in UTC."""

    first: date
    last: date
    restrictions: list[RestrictionCount]
    reviews: list[ReviewCount]
    appeals: list[AppealCounts]
    median_wait: timedelta | None
    median_appeal: timedelta | None


class StatementsShown(Shape):
    """A page of statements of reasons."""

    statements: list[dict[str, Any]]
    """In the words of the DSA Transparency Database; those that hold nowhere in Europe are left
    out."""
    next: UUID | None
    """Where to go on; None at the end."""


class AgreementShown(Shape):
    """Agreement of blind second opinions with first decisions."""

    pairs: int
    agreed: int
    kappa: float | None
    alpha: float | None
    settled: int
    for_first: int


class GoldenShown(Shape):
    """A reviewer's answers to golden posts."""

    reviewer: str
    answered: int
    right: int


class OverturnedShown(Shape):
    """How often people decided otherwise than the machine."""

    by: str
    name: str
    decided: int
    overturned: int


class QualityShown(Shape):
    """Figures of quality of whole days in UTC."""

    first: date
    last: date
    agreement: AgreementShown
    golden: list[GoldenShown]
    overturned: list[OverturnedShown]


class GoldenPostShown(Shape):
    """A post whose answer is known."""

    item_id: UUID
    action: Action
    categories: list[str]
    added_at: datetime
    retired_at: datetime | None
    erased: bool
    """Whether its content is gone: then it is planted no more."""


class WellbeingShown(Shape):
    """A person's day, beside what is enough; a limit of 0 is none."""

    items: int
    grave: int
    working_since: datetime | None
    rest_until: datetime | None
    consented_at: datetime | None
    items_a_day: int
    grave_a_day: int
    restricted: list[str]
    """Categories that only those get who agreed."""

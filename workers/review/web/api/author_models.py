"""What the API takes and gives of an author's data."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from pydantic import Field

from schemas import Action
from schemas.base import Identifier
from workers.review.store import AppealState, ErasedBecause, ItemState
from workers.review.web.api.shapes import Shape

MOST_HELD: Final = 20
"""Items of a page: each can hold megabytes of pictures and sounds."""


class AuthorNamed(Shape):
    """Whose data. In the body and not in the address: addresses end in logs of proxies."""

    author_id: Identifier


class ExportWanted(AuthorNamed):
    """Which page of the data."""

    after: UUID | None = None
    """The `next` of the page before."""
    limit: Annotated[int, Field(ge=1, le=MOST_HELD)] = MOST_HELD


class HeldDecision(Shape):
    """What a person decided; `reviewer` is a pseudonym."""

    decision_id: UUID
    reviewer: str | None
    action: Action
    machine_action: Action
    categories: list[str]
    note: str | None
    clause: str | None
    decided_at: datetime


class HeldItem(Shape):
    """An item of the author's."""

    verdict_id: UUID
    post_id: str
    revision: int
    queue: str
    state: ItemState
    received_at: datetime
    content_hash: str | None
    erased_at: datetime | None
    erased_because: ErasedBecause | None
    escalation: dict[str, Any] | None
    """The record of the topic `escalations` as it is kept: post and verdict. None once erased."""
    decision: HeldDecision | None


class HeldAppeal(Shape):
    """An appeal of the author's."""

    appeal_id: UUID
    verdict_id: UUID
    post_id: str
    revision: int
    statement: str | None
    state: AppealState
    submitted_at: datetime
    decided_at: datetime | None


class AuthorDataShown(Shape):
    """A page of all that is held about an author."""

    author_id: str
    exported_at: datetime
    items: list[HeldItem]
    """The oldest first."""
    appeals: list[HeldAppeal]
    """All of them, on the first page."""
    next: UUID | None
    """Where to go on; None at the end."""


class AuthorErased(Shape):
    """What was erased."""

    items: int

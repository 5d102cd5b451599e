"""What the API takes and gives of webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from schemas.base import storable
from workers.review.store import DeliveryState, Event
from workers.review.web.api.shapes import Shape


class WebhookWanted(Shape):
    """An address and what it is to be told."""

    url: Annotated[str, Field(min_length=1, max_length=2_048), AfterValidator(storable)]
    events: Annotated[list[Event], Field(min_length=1, max_length=16)]


class WebhookShown(Shape):
    """A webhook."""

    webhook_id: UUID
    url: str
    events: list[Event]
    created_at: datetime


class WebhookMade(WebhookShown):
    """A webhook with the secret that signs its deliveries."""

    secret: str


class DeliveryShown(Shape):
    """How a delivery stands."""

    delivery_id: UUID
    event: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    due_at: datetime
    tried_at: datetime | None
    problem: str | None

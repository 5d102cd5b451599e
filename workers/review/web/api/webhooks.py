"""Webhooks for programs: who is told of what, and how deliveries stand."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from workers.review.web.api.prefix import API_PREFIX
from workers.review.web.api.shapes import Limit
from workers.review.web.api.webhook_models import (
    DeliveryShown,
    WebhookMade,
    WebhookShown,
    WebhookWanted,
)
from workers.review.web.security import SignedIn, TheConsole

router = APIRouter(tags=["webhooks"], prefix=f"{API_PREFIX}/webhooks")


@router.get("")
async def webhooks(login: SignedIn, console: TheConsole) -> list[WebhookShown]:
    """The webhooks in use."""
    del login
    found = await console.parts.webhooks.everything()
    return [WebhookShown.model_validate(webhook, extra="ignore") for webhook in found]


@router.post("", status_code=201)
async def add(wanted: WebhookWanted, login: SignedIn, console: TheConsole) -> WebhookMade:
    """Tell an address of events from now on; the answer holds the secret that signs them."""
    webhook = await console.parts.webhooks.add(wanted.url, wanted.events, login.account)
    return WebhookMade(
        webhook_id=webhook.webhook_id,
        url=webhook.url,
        events=wanted.events,
        created_at=webhook.created_at,
        secret=console.parts.webhooks.secret(webhook.webhook_id),
    )


@router.delete("/{webhook_id}", status_code=204)
async def end(webhook_id: UUID, login: SignedIn, console: TheConsole) -> None:
    """Tell the address nothing more."""
    await console.parts.webhooks.end(webhook_id, login.account)


@router.get("/{webhook_id}/deliveries")
async def deliveries(
    webhook_id: UUID,
    login: SignedIn,
    console: TheConsole,
    limit: Annotated[Limit, Query()] = 50,
) -> list[DeliveryShown]:
    """The newest deliveries, with how each stands."""
    del login
    found = await console.parts.webhooks.deliveries(webhook_id, limit)
    return [DeliveryShown.model_validate(delivery, extra="ignore") for delivery in found]

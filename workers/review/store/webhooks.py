"""Webhooks: who is told of what, and how each delivery stands.

A delivery is a row written in the transaction that made its event true. It is sent until the
receiver says 2xx, at growing distances, and is dead after so many tries. It can arrive twice when
the console dies in between, always under the same id.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.errors import WebhookError
from workers.review.store.access_tables import Delivery, DeliveryState, Webhook
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.tables import Account

FIRST_PAUSE: Final = timedelta(seconds=10)
LONGEST_PAUSE: Final = timedelta(hours=6)
"""A receiver that was away for a night is told in the morning."""
KEPT_FOR: Final = timedelta(days=30)
"""A delivery that is over can be looked at for so long."""
LONGEST_URL: Final = 2_048


class Event(StrEnum):
    """What a webhook can be told."""

    DECISION = "decision"
    APPEAL_OPENED = "appeal.opened"
    APPEAL_REFUSED = "appeal.refused"
    APPEAL_DECIDED = "appeal.decided"


class Webhooks:
    """Keeps webhooks and hands out what is to be sent.

    Args:
        database: where they are.
        audit: told of changes.
        clock: the time.
        secret_of: a webhook's secret, which follows from its id.
        attempts_allowed: after which a delivery is dead.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        *,
        secret_of: Callable[[UUID], bytes],
        attempts_allowed: int,
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._secret_of = secret_of
        self._attempts_allowed = attempts_allowed

    def secret(self, webhook_id: UUID) -> str:
        """The secret in the form that Standard Webhooks gives it: ``whsec_`` and base64."""
        return "whsec_" + base64.b64encode(self._secret_of(webhook_id)).decode()

    async def add(self, url: str, events: Sequence[Event], by: Account) -> Webhook:
        """Tell an address of events from now on.

        Raises:
            WebhookError: the address is no http or https URL, or no event is named.
        """
        _check(url, events)
        webhook = Webhook(
            webhook_id=uuid4(),
            url=url,
            events=sorted(set(events)),
            created_by=by.account_id,
            created_at=self._clock(),
        )
        async with self._database.writing() as session:
            session.add(webhook)
            self._audit.add(
                session,
                AuditEvent.WEBHOOK,
                actor=by,
                detail={"set": "added", "webhook": str(webhook.webhook_id), "url": url},
            )
        return webhook

    async def end(self, webhook_id: UUID, by: Account) -> None:
        """Tell the address nothing more; what waits for it is dead.

        Raises:
            WebhookError: there is no such webhook in use.
        """
        async with self._database.writing() as session:
            webhook = await session.get(Webhook, webhook_id)
            if webhook is None or webhook.ended_at is not None:
                raise WebhookError(f"There is no webhook {webhook_id} in use.")
            webhook.ended_at = self._clock()
            waiting = await session.scalars(
                select(Delivery).where(
                    Delivery.webhook_id == webhook_id, Delivery.state == DeliveryState.PENDING
                )
            )
            for delivery in waiting.all():
                delivery.state, delivery.problem = DeliveryState.DEAD, "the webhook was ended"
            self._audit.add(
                session,
                AuditEvent.WEBHOOK,
                actor=by,
                detail={"set": "ended", "webhook": str(webhook_id)},
            )

    async def everything(self) -> Sequence[Webhook]:
        """Every webhook in use, the newest first."""
        wanted = select(Webhook).where(Webhook.ended_at.is_(None))
        async with self._database.reading() as session:
            return (await session.scalars(wanted.order_by(Webhook.created_at.desc()))).all()

    async def deliveries(self, webhook_id: UUID, limit: int) -> Sequence[Delivery]:
        """The newest deliveries to a webhook, with how each stands."""
        wanted = select(Delivery).where(Delivery.webhook_id == webhook_id)
        newest = wanted.order_by(Delivery.created_at.desc(), Delivery.delivery_id).limit(limit)
        async with self._database.reading() as session:
            return (await session.scalars(newest)).all()

    async def take(self, limit: int) -> Sequence[tuple[Delivery, str]]:
        """Deliveries that are due, with their addresses; each counts as tried from here on.

        Whoever takes one and dies has it tried again after the pause.
        """
        now = self._clock()
        due = (
            select(Delivery, Webhook.url)
            .join(Webhook, Webhook.webhook_id == Delivery.webhook_id)
            .where(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= now)
            .order_by(Delivery.due_at)
            .limit(limit)
        )
        async with self._database.reading() as session:
            if (await session.execute(due.limit(1))).first() is None:
                return []
        async with self._database.writing() as session:
            found = await session.execute(due.with_for_update(skip_locked=True, of=Delivery))
            taken = [(delivery, url) for delivery, url in found]
            for delivery, _ in taken:
                delivery.due_at = now + pause_after(delivery.attempts)
                delivery.attempts += 1
                delivery.tried_at = now
            return taken

    async def delivered(self, delivery_id: UUID) -> None:
        """Note that the receiver has it."""
        async with self._database.writing() as session:
            delivery = await session.get_one(Delivery, delivery_id, with_for_update=True)
            delivery.state, delivery.problem = DeliveryState.DELIVERED, None

    async def failed(self, delivery_id: UUID, problem: str, *, for_good: bool) -> bool:
        """Note why a try failed; returns whether that was the last."""
        async with self._database.writing() as session:
            delivery = await session.get_one(Delivery, delivery_id, with_for_update=True)
            delivery.problem = problem[:200]
            if for_good or delivery.attempts >= self._attempts_allowed:
                delivery.state = DeliveryState.DEAD
            return delivery.state == DeliveryState.DEAD

    async def forget_old(self) -> None:
        """Drop deliveries that are over and were made long ago."""
        async with self._database.writing() as session:
            await session.execute(
                delete(Delivery).where(
                    Delivery.state != DeliveryState.PENDING,
                    Delivery.created_at <= self._clock() - KEPT_FOR,
                )
            )


async def tell(
    session: AsyncSession,
    event: Event,
    about: UUID,
    data: Mapping[str, object],
    *,
    at: datetime,
    due_at: datetime,
) -> None:
    """Write a delivery for every webhook that wants the event.

    ``data`` holds no reviewer's name nor pseudonym, and no content.
    """
    webhooks = await session.scalars(select(Webhook).where(Webhook.ended_at.is_(None)))
    body = json.dumps({"type": event, "timestamp": at.isoformat(), "data": data})
    for webhook in webhooks.all():
        if event in webhook.events:
            session.add(
                Delivery(
                    delivery_id=uuid4(),
                    webhook_id=webhook.webhook_id,
                    event=event,
                    about=about,
                    body=body,
                    state=DeliveryState.PENDING,
                    attempts=0,
                    created_at=at,
                    due_at=due_at,
                )
            )


async def untell(session: AsyncSession, about: UUID) -> bool:
    """Take deliveries back; False, and nothing done, when one was tried already."""
    of_it = Delivery.about == about
    found = await session.scalars(select(Delivery).where(of_it).with_for_update())
    if any(delivery.attempts for delivery in found.all()):
        return False
    await session.execute(delete(Delivery).where(of_it))
    return True


def pause_after(attempts: int) -> timedelta:
    """The pause after a try, by how many there were before it: it doubles each time."""
    doublings = min(attempts, 32)  # far past the longest pause, and no overflow
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _check(url: str, events: Sequence[Event]) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
        usable = usable and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise WebhookError("A webhook's address is an http or https URL of at most 2,048 letters.")
    if not events:
        raise WebhookError(f"Name at least one event: {', '.join(Event)}.")

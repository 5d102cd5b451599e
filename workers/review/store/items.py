"""Items one by one: finding, locking, and who may not have which."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from workers.review.errors import BarredError, ItemClosedError, ItemNotFoundError, StaleClaimError
from workers.review.roles import Role
from workers.review.store.tables import BLIND, Account, Decision, Item, ItemKind, ItemState

SENIORS: Final = frozenset({Role.SENIOR, Role.ADMIN})
"""Who settles what two reviewers disagree on."""


async def load_item(session: AsyncSession, verdict_id: UUID, *, lock: bool = False) -> Item:
    """The item; with ``lock`` nobody else changes it until the transaction ends.

    Raises:
        ItemNotFoundError: there is none under this id.
    """
    item = await session.get(Item, verdict_id, with_for_update=lock or None)
    if item is None:
        raise ItemNotFoundError(
            f"There is no item {verdict_id}. It may have been removed; go back to the queue."
        )
    return item


async def held_item(session: AsyncSession, verdict_id: UUID, account: Account, number: int) -> Item:
    """The open item, locked, if the account's claim number is still the newest on it.

    A lease that ran out is no hindrance while nobody else has claimed: the work is not lost.

    Raises:
        ItemNotFoundError: there is no such item.
        ItemClosedError: it is decided or obsolete.
        StaleClaimError: the claim is not the newest.
    """
    item = await load_item(session, verdict_id, lock=True)
    if item.state != ItemState.OPEN:
        raise ItemClosedError(closed_message(item))
    reserved = item.claimed_at is None
    if item.claim_number != number or item.claimed_by != account.account_id or reserved:
        raise StaleClaimError(
            f"Your claim {number} on this item has run out and the item moved on (claim "
            f"{item.claim_number}). Nothing was changed; claim it again or take the next one."
        )
    return item


def meant_for(account: Account) -> ColumnElement[bool]:
    """Items that the account may take: not those about what it decided itself."""
    own = aliased(Item)
    decided_before = (
        select(Decision.decision_id)
        .join(own, own.verdict_id == Decision.verdict_id)
        .where(own.subject == Item.subject, Decision.account_id == account.account_id)
        .exists()
    )
    fresh = or_(Item.kind == ItemKind.FIRST, ~decided_before)
    return fresh if account.role in SENIORS else and_(Item.kind != ItemKind.SENIOR, fresh)


async def require_meant_for(session: AsyncSession, item: Item, account: Account) -> None:
    """Check :func:`meant_for` for one item.

    Raises:
        BarredError: another reviewer has to decide it.
    """
    fits = select(Item.verdict_id).where(Item.verdict_id == item.verdict_id, meant_for(account))
    if await session.scalar(fits) is None:
        why = (
            "A senior settles what two reviewers disagree on."
            if item.kind == ItemKind.SENIOR and account.role not in SENIORS
            else "You decided on this post before, so a colleague has to."
        )
        raise BarredError(f"{why} Take the next one from the queue.")


async def require_unbiased(
    session: AsyncSession, item: Item, account: Account, now: datetime
) -> None:
    """While somebody judges blind, or is about to, nothing else on the same post is shown to them.

    Raises:
        BarredError: the account holds a blind item on the subject.
    """
    if item.kind in BLIND:
        return
    held = select(Item.verdict_id).where(
        Item.subject == item.subject,
        Item.kind.in_(BLIND),
        Item.state == ItemState.OPEN,
        Item.claimed_by == account.account_id,
        or_(Item.claimed_at.is_not(None), Item.lease_until > now),
    )
    if await session.scalar(held.limit(1)) is not None:
        raise BarredError(
            "You are giving a blind opinion on this post. Decide that first, or put it back."
        )


def closed_message(item: Item) -> str:
    """Why there is nothing to do on the item."""
    why = {
        ItemState.DECIDED: "has been decided",
        ItemState.SUPERSEDED: "was replaced by a newer revision or verdict",
        ItemState.WITHDRAWN: "was withdrawn by its author",
        ItemState.EXPIRED: "was kept for as long as it may be",
    }[ItemState(item.state)]
    return f"This item {why}. There is nothing left to do; take the next one from the queue."

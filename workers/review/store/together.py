"""One decision for near-identical items: which items it covers, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation, NotScanned
from workers.review.store.audit import AuditEvent
from workers.review.store.audit_table import AuditRow
from workers.review.store.clusters import set_apart
from workers.review.store.items import load_item
from workers.review.store.tables import Account, Content, Item, ItemState


@dataclass(frozen=True, slots=True)
class Alike:
    """What a reviewer said of the items that were shown as near-identical."""

    decided: Mapping[UUID, tuple[NotScanned, ...]] = field(default_factory=dict)
    """The decision goes for them, too; with what of each the console could not show."""
    apart: frozenset[UUID] = frozenset()
    """They are another case, and are judged by themselves from now on."""


ALONE: Final = Alike()


async def load_with_mates(
    session: AsyncSession, verdict_id: UUID, alike: Alike
) -> tuple[Item, Sequence[Item]]:
    """The item and those of the others that are open in its cluster, all locked.

    Locked in one order, so that two decisions on one cluster never wait for each other.

    Raises:
        ItemNotFoundError: there is no such item.
    """
    names = {verdict_id, *alike.decided, *alike.apart}
    found = await session.scalars(
        select(Item).where(Item.verdict_id.in_(names)).order_by(Item.verdict_id).with_for_update()
    )
    locked = {each.verdict_id: each for each in found.all()}
    item = locked.pop(verdict_id, None) or await load_item(session, verdict_id)
    return item, [each for each in locked.values() if _is_mate(each, item)]


async def seen_with(
    session: AsyncSession, item: Item, mates: Sequence[Item], account: Account
) -> list[Item]:
    """Those that the account has seen: the very same as the item, or viewed, as the trail has it.

    A decision says of each post that a person saw it, so what was not shown stays open.
    """
    same = [mate for mate in mates if item.content_hash and mate.content_hash == item.content_hash]
    others = {mate.verdict_id for mate in mates} - {mate.verdict_id for mate in same}
    if not others:
        return same
    viewed = await session.scalars(
        select(AuditRow.verdict_id)
        .where(
            AuditRow.verdict_id.in_(others),
            AuditRow.event == AuditEvent.VIEW,
            AuditRow.actor == account.pseudonym,
        )
        .distinct()
    )
    seen = {*(mate.verdict_id for mate in same), *viewed.all()}
    return [mate for mate in mates if mate.verdict_id in seen]


async def unlike_contents(
    session: AsyncSession, item: Item, names: Collection[UUID]
) -> Mapping[UUID, Escalation]:
    """What was escalated of those in the item's cluster that are not the very same as it."""
    rows = await session.execute(
        select(Content.verdict_id, Content.escalation)
        .join(Item, Item.verdict_id == Content.verdict_id)
        .where(
            Item.verdict_id.in_(names),
            Item.cluster == item.cluster,
            or_(Item.content_hash.is_(None), Item.content_hash != item.content_hash),
        )
    )
    return {name: Escalation.from_bytes(escalation.encode()) for name, escalation in rows}


def separate(mates: Sequence[Item], alike: Alike) -> int:
    """Set apart what the reviewer excluded; returns how many there were."""
    excluded = [mate for mate in mates if mate.verdict_id in alike.apart]
    for mate in excluded:
        set_apart(mate)
    return len(excluded)


def claim_with(
    item: Item, mates: Sequence[Item], alike: Alike, account: Account, now: datetime
) -> list[Item]:
    """Claim what the decision goes for, under a new number: older claims on it are stale.

    What a colleague holds stays theirs.
    """
    taken = [
        mate
        for mate in mates
        if mate.verdict_id in alike.decided.keys() - alike.apart
        and not _held_by_other(mate, account, now)
    ]
    for mate in taken:
        mate.claim_number += 1
        mate.claimed_by, mate.claimed_at = account.account_id, item.claimed_at
    return taken


def _is_mate(other: Item, item: Item) -> bool:
    return other.state == ItemState.OPEN and other.cluster == item.cluster


def _held_by_other(item: Item, account: Account, now: datetime) -> bool:
    held = item.lease_until is not None and item.lease_until > now
    return held and item.claimed_by != account.account_id

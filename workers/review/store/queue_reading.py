"""What can be seen of the queue: lists, items one by one, counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import Escalation, Media, Modality
from workers.review.clock import Clock
from workers.review.store.appeal_table import AppealRow
from workers.review.store.appeals import appeal_on
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.clusters import Gathered, gather, open_mates, stands_for_its_cluster
from workers.review.store.contents import kept_content, load_content
from workers.review.store.database import Database
from workers.review.store.earlier import EarlierDecision, earlier_decisions
from workers.review.store.items import load_item, meant_for
from workers.review.store.queue_counts import QueueCounts, count_queue, waiting_rules
from workers.review.store.seeing import is_noted, medium_of, require_fit_to_see
from workers.review.store.tables import Account, Content, Decision, Item, ItemState
from workers.review.store.together import unlike_contents
from workers.review.store.wanted import ANYTHING, Wanted
from workers.review.store.wellness import Wellness

MOST_QUOTED: Final = 20
"""Near-identical items of which it is shown how they differ; the very same needs no showing."""

LONGEST_QUOTED: Final = 4_000
"""Characters of a text that is shown beside another: two minutes of reading. Longer ones have their
own pages."""


@dataclass(frozen=True, slots=True)
class Mate:
    """A near-identical open item, and how it differs: that is shown of the first twenty."""

    item: Item
    same: bool
    """Whether its content is the very same."""
    compared: bool = False
    """Whether all in which it differs is here."""
    text: str | None = None
    """Its own, whole, where it differs."""
    other_pictures: bool = False
    """Whether its pictures are others."""

    @property
    def is_shown(self) -> bool:
        """Whether who sees the item has seen this one, too, so that one decision can cover both."""
        return self.same or self.compared


@dataclass(frozen=True, slots=True)
class Viewed:
    """An item with what is known of it. ``content`` is None once it was erased."""

    item: Item
    content: Escalation | None
    decision: Decision | None
    earlier: Sequence[EarlierDecision]
    """What whoever decides it may know that people decided before."""
    appeal: AppealRow | None
    """What it decides, if it is one."""
    mates: Sequence[Mate]
    """What one decision can cover with it."""


class QueueReading:
    """Shows the queue and its items.

    Args:
        database: where they are.
        audit: told of views.
        clock: the time, for leases.
        wellness: says who agreed to see the restricted lane.
    """

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, wellness: Wellness
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._wellness = wellness

    async def open_items(
        self,
        viewer: Account | None = None,
        wanted: Wanted = ANYTHING,
        *,
        limit: int = 50,
        offset: int = 0,
    ) -> Sequence[Item]:
        """Undecided items that the viewer may take, the most pressing first, without content.

        Of near-identical ones there is the most pressing alone; see :meth:`gathered`.
        """
        chosen = by_rank(wanted).limit(limit).offset(offset)
        if viewer is not None:
            chosen = chosen.where(meant_for(viewer))
        async with self._database.reading() as session:
            return (await session.scalars(chosen)).all()

    async def gathered(
        self, items: Sequence[Item], viewer: Account | None = None
    ) -> Mapping[UUID, Gathered]:
        """How the clusters of the items stand, by cluster."""
        async with self._database.reading() as session:
            return await gather(session, items, viewer, self._clock())

    async def item(self, verdict_id: UUID) -> Item:
        """One item.

        Raises:
            ItemNotFoundError: there is none under this id.
        """
        async with self._database.reading() as session:
            return await load_item(session, verdict_id)

    async def content(self, verdict_id: UUID) -> Escalation:
        """What was escalated.

        Raises:
            ItemNotFoundError: there is no such item.
            ContentErasedError: its content is no longer kept.
        """
        async with self._database.reading() as session:
            return await load_content(session, await load_item(session, verdict_id))

    async def unlike(self, verdict_id: UUID, mates: Collection[UUID]) -> Mapping[UUID, Escalation]:
        """What was escalated of those near-identical to an item that are not the very same.

        Raises:
            ItemNotFoundError: there is no such item.
        """
        async with self._database.reading() as session:
            return await unlike_contents(session, await load_item(session, verdict_id), mates)

    async def view(
        self, verdict_id: UUID, account: Account, *, personal_data: bool = False
    ) -> Viewed:
        """One item with its content, for the account to see; the trail keeps that it did.

        ``personal_data`` tells the trail that it is shown unmasked.

        Raises:
            ItemNotFoundError: there is none under this id.
            BarredError: the account is judging the same post blind.
            ConsentError: it is of the restricted lane.
        """
        async with self._database.writing() as session:
            item, content, decision = await _whole(session, verdict_id)
            await require_fit_to_see(session, item, account, self._wellness, self._clock())
            viewed = Viewed(
                item,
                content,
                decision,
                await earlier_decisions(session, item),
                await appeal_on(session, item),
                await _mates(session, item),
            )
            beside = (mate.item.verdict_id for mate in viewed.mates if mate.compared)
            for seen in (verdict_id, *beside):
                self._audit.add(
                    session,
                    AuditEvent.VIEW,
                    actor=account,
                    verdict_id=seen,
                    detail={"personal_data": "shown" if personal_data else "masked"},
                )
            return viewed

    async def view_medium(
        self, verdict_id: UUID, account: Account, modality: Modality, index: int
    ) -> Media:
        """One picture or sound, for the account to see; the trail keeps it once a claim.

        Raises:
            ItemNotFoundError: there is no such item.
            BarredError: the account is judging the same post blind.
            ConsentError: it is of the restricted lane.
            ContentErasedError: its content is no longer kept.
            MediaUnavailableError: the post has none of that number.
        """
        async with self._database.reading() as session:
            item = await load_item(session, verdict_id)
            await require_fit_to_see(session, item, account, self._wellness, self._clock())
            medium = medium_of((await load_content(session, item)).post, modality, index)
            detail = {"medium": f"{modality} {index + 1}", "claim": str(item.claim_number)}
            noted = await is_noted(session, account, verdict_id, detail)
        if not noted:
            async with self._database.writing() as session:
                self._audit.add(
                    session,
                    AuditEvent.VIEW_MEDIUM,
                    actor=account,
                    verdict_id=verdict_id,
                    detail=detail,
                )
        return medium

    async def counts(self, *, closed: bool = True) -> QueueCounts:
        """How the queue stands; without ``closed`` it says nothing of what is decided or gone."""
        async with self._database.reading() as session:
            return await count_queue(session, self._clock(), closed=closed)

    async def rules(self) -> Sequence[str]:
        """The rules that brought up what waits."""
        async with self._database.reading() as session:
            return await waiting_rules(session)


def by_rank(wanted: Wanted, *, free_at: datetime | None = None) -> Select[Item]:
    """Open items that stand for their clusters, the most pressing first.

    With ``free_at`` only those of clusters of which none is held then.
    """
    foremost = stands_for_its_cluster(wanted, free_at=free_at)
    chosen = select(Item).where(Item.state == ItemState.OPEN, *wanted.conditions(), foremost)
    return chosen.order_by(Item.rank.desc(), Item.verdict_id)


async def _whole(
    session: AsyncSession, verdict_id: UUID
) -> tuple[Item, Escalation | None, Decision | None]:
    """The item, its content and its decision: one statement, for of most items all is its own."""
    found = await session.execute(
        select(Item, Content, Decision)
        .outerjoin(Content, Content.verdict_id == Item.verdict_id)
        .outerjoin(Decision, Decision.verdict_id == Item.verdict_id)
        .where(Item.verdict_id == verdict_id)
    )
    row = found.one_or_none()
    if row is None:
        return await load_item(session, verdict_id), None, None
    return await _opened(session, *row)


async def _opened(
    session: AsyncSession, item: Item, content: Content | None, decision: Decision | None
) -> tuple[Item, Escalation | None, Decision | None]:
    if content is None:
        return item, await kept_content(session, item), decision
    return item, Escalation.from_bytes(content.escalation.encode()), decision


async def _mates(session: AsyncSession, item: Item) -> list[Mate]:
    mates = [
        Mate(other, item.content_hash is not None and other.content_hash == item.content_hash)
        for other in await open_mates(session, item)
    ]
    unlike = [mate.item.verdict_id for mate in mates if not mate.same][:MOST_QUOTED]
    if not unlike:
        return mates
    names = [item.verdict_id, *unlike]
    rows = await session.execute(
        select(Content.verdict_id, Content.escalation).where(Content.verdict_id.in_(names))
    )
    posts = {name: json.loads(escalation)["post"] for name, escalation in rows}
    own = posts.pop(item.verdict_id, None)
    if own is None:
        return mates
    return [
        _compared(mate, posts[mate.item.verdict_id], own) if mate.item.verdict_id in posts else mate
        for mate in mates
    ]


def _compared(mate: Mate, post: dict[str, Any], own: dict[str, Any]) -> Mate:
    text = post.get("text") or ""
    if len(text) > LONGEST_QUOTED:
        return mate
    return replace(
        mate,
        compared=True,
        text=None if text == (own.get("text") or "") else text,
        other_pictures=post.get("images") != own.get("images"),
    )

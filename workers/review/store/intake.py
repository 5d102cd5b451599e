"""Escalations come in: each becomes an item once, and closes what it makes obsolete."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from rules.matchers import Folder
from schemas import Escalation, Op, Post, Verdict, VerdictStatus, content_hash
from workers.review.clock import Clock
from workers.review.store.audit import AuditTrail
from workers.review.store.changes import (
    OF_A_REVISION,
    is_superseded,
    is_withdrawn,
    lock_posts,
    withdraw,
)
from workers.review.store.clusters import join_cluster
from workers.review.store.contents import ErasedBecause
from workers.review.store.database import Database
from workers.review.store.item_rule_table import note_rules
from workers.review.store.likeness import Likeness, compares_pictures, likeness
from workers.review.store.priority import rank, severity
from workers.review.store.tables import Content, Item, ItemKind, ItemState
from workers.streams import get_logger

HASHING_SECONDS: Final = 60.0
"""For the pictures of a batch. One that unfolds without end takes ten until it is stopped, and a
consumer that does not poll for five minutes loses its partitions, and gets the same batch again."""

log = get_logger(__name__)

HashPictures = Callable[[Post], Awaitable[bytes | None]]
"""A hash of 32 bytes for each picture of a post, or None where one of them has none."""


@dataclass(frozen=True, slots=True)
class IntakeCount:
    """What a batch of escalations did."""

    added: int = 0
    repeated: int = 0
    closed: int = 0
    """Open items that newer escalations made obsolete."""


class Intake:
    """Writes a batch of escalations in one transaction; the same batch again changes nothing.

    Args:
        database: where they are kept.
        audit: told of what is withdrawn.
        clock: the time, for when they came.
        hash_pictures: by which near-identical pictures are known.
    """

    def __init__(
        self, database: Database, audit: AuditTrail, clock: Clock, hash_pictures: HashPictures
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._hash_pictures = hash_pictures
        self._folder = Folder()

    async def record(self, escalations: Sequence[Escalation]) -> IntakeCount:
        """Add new items, skip known ones, and close the open items that are obsolete.

        A newer revision supersedes an older one whichever of the two arrives first. A withdrawal
        closes all items of the post, and nothing of it is kept. A second verdict on the same
        revision replaces the open item; where a person has decided that revision already, the
        decision stands.
        """
        count = IntakeCount()
        pictures = await self._hashes(escalations)
        alike = await asyncio.to_thread(self._compared, escalations, pictures)
        async with self._database.writing() as session:
            await lock_posts(session, {each.verdict.post_id for each in escalations})
            for escalation, like in zip(escalations, alike, strict=True):
                count = await self._record(session, escalation, like, count)
        return count

    async def _hashes(self, escalations: Sequence[Escalation]) -> list[bytes | None]:
        """Of the pictures of each post; None where there was no time left for them."""
        hashes: list[bytes | None] = [None] * len(escalations)
        try:
            async with asyncio.timeout(HASHING_SECONDS):
                for place, each in enumerate(escalations):
                    if compares_pictures(each):
                        hashes[place] = await self._hash_pictures(each.post)
        except TimeoutError:
            log.warning(
                "pictures took too long to hash; the rest of them are compared by their bytes",
                escalations=len(escalations),
                seconds=HASHING_SECONDS,
            )
        return hashes

    def _compared(
        self, escalations: Sequence[Escalation], pictures: Sequence[bytes | None]
    ) -> list[Likeness | None]:
        return [
            likeness(each, leading_category(each.verdict), self._folder, hashes)
            for each, hashes in zip(escalations, pictures, strict=True)
        ]

    async def _record(
        self,
        session: AsyncSession,
        escalation: Escalation,
        like: Likeness | None,
        count: IntakeCount,
    ) -> IntakeCount:
        verdict = escalation.verdict
        if await session.get(Item, verdict.verdict_id) is not None:
            return replace(count, repeated=count.repeated + 1)
        state = await self._state_on_arrival(session, escalation)
        closed = 0
        if _withdraws(escalation):
            closed = await withdraw(session, self._audit, verdict, self._clock())
        elif state is ItemState.OPEN:
            closed = await self._close_older(session, verdict)
        item = new_item(escalation, state, self._clock())
        if like is not None and state is ItemState.OPEN:
            await join_cluster(session, item, like)
        session.add(item)
        await note_rules(session, verdict.verdict_id, verdict)
        await session.flush()
        if state is not ItemState.WITHDRAWN:
            kept = Content(verdict_id=verdict.verdict_id, escalation=escalation.to_bytes().decode())
            session.add(kept)
            await session.flush()
        return replace(count, added=count.added + 1, closed=count.closed + closed)

    async def _state_on_arrival(self, session: AsyncSession, escalation: Escalation) -> ItemState:
        verdict = escalation.verdict
        post_id, revision = verdict.post_id, verdict.revision
        if _withdraws(escalation) or await is_withdrawn(
            session, post_id, revision, escalation.escalated_at
        ):
            return ItemState.WITHDRAWN
        siblings = (
            await session.execute(
                select(Item.revision, Item.state).where(
                    Item.post_id == post_id,
                    Item.revision >= revision,
                    Item.kind == ItemKind.FIRST,
                )
            )
        ).all()
        newer = any(newest > revision for newest, _ in siblings)
        settled = any(state in (ItemState.DECIDED, ItemState.WITHDRAWN) for _, state in siblings)
        if newer or settled or await is_superseded(session, post_id, revision):
            return ItemState.SUPERSEDED
        return ItemState.OPEN

    async def _close_older(self, session: AsyncSession, verdict: Verdict) -> int:
        closed = await session.scalars(
            update(Item)
            .where(
                Item.post_id == verdict.post_id,
                Item.revision <= verdict.revision,
                Item.state == ItemState.OPEN,
                Item.kind.in_(OF_A_REVISION),
            )
            .values(state=ItemState.SUPERSEDED, closed_at=self._clock())
            .returning(Item.verdict_id)
        )
        identifiers: Sequence[UUID] = closed.all()
        return len(identifiers)


def new_item(escalation: Escalation, state: ItemState, now: datetime) -> Item:
    """The item that an escalation becomes."""
    verdict, post = escalation.verdict, escalation.post
    category = leading_category(verdict)
    withdrawn = state is ItemState.WITHDRAWN
    return Item(
        verdict_id=verdict.verdict_id,
        kind=ItemKind.FIRST,
        subject=verdict.verdict_id,
        cluster=verdict.verdict_id,
        post_id=verdict.post_id,
        revision=verdict.revision,
        author_id=verdict.author_id,
        queue=escalation.queue,
        category=category,
        score=verdict.scores.get(category) if category else None,
        machine_action=verdict.action,
        degraded=verdict.status is VerdictStatus.DEGRADED,
        has_text=bool(post.text),
        images=len(post.images),
        sounds=len(post.audio),
        reach=post.reach,
        language=post.language,
        surface=post.surface,
        priority=escalation.priority,
        rank=rank(escalation.priority, escalation.escalated_at),
        severity=severity(escalation.priority, post.reach),
        escalated_at=escalation.escalated_at,
        due_at=escalation.due_at,
        content_hash=content_hash(post),
        state=state,
        claim_number=0,
        received_at=now,
        closed_at=None if state is ItemState.OPEN else now,
        erased_at=now if withdrawn else None,
        erased_because=ErasedBecause.WITHDRAWN if withdrawn else None,
    )


def _withdraws(escalation: Escalation) -> bool:
    return escalation.verdict.status is VerdictStatus.WITHDRAWN or escalation.post.op is Op.DELETE


def leading_category(verdict: Verdict) -> str | None:
    """The category that speaks loudest: the highest score among those named in the reasons.

    Without a reason that names one, the highest score of all; None when nothing was scored.
    """
    named = {reason.category for reason in verdict.reasons if reason.category}
    candidates = named or verdict.scores.keys()
    return max(candidates, key=lambda name: (verdict.scores.get(name, 0.0), name), default=None)

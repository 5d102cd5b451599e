"""Content expires by its age, and everything of an author is erased when that is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from schemas import TOPICS
from workers.review.clock import Clock
from workers.review.store.appeal_table import AppealRow
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.clusters import forget_spent_clusters
from workers.review.store.contents import ErasedBecause, drop_sent_records, erase
from workers.review.store.database import Database
from workers.review.store.tables import Account, Item, ItemState, PostChange

BATCH_ITEMS: Final = 200
"""Of one transaction: a reviewer who wants to write meanwhile waits for milliseconds."""

EDITS_NOTED_FOR: Final = timedelta(days=1)
"""An edit's note is for an escalation of the older revision that is read after it. The two are
produced within seconds, so a day is more than a console that catches up is ever apart."""

WITHDRAWALS_NOTED_FOR: Final = timedelta(milliseconds=TOPICS.escalations.retention_ms)
"""Until no escalation of the post can be read any more, not even by starting over."""

COMMAND_LINE: Final = "command line"
"""Stands in the trail for who has the machine: no account of the console."""


class Erasure:
    """Erases what may be kept no longer.

    Args:
        database: where the content is.
        audit: told of every item that is erased.
        clock: the time, for the age of content.
        keep: how long content is kept after its escalation was received.
        pseudonym: a name that stands for an author or post, and cannot be turned back.
    """

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        *,
        keep: timedelta,
        pseudonym: Callable[[str], str],
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._keep = keep
        self._pseudonym = pseudonym

    async def expire(self) -> int:
        """Erase the content of every item that is past its time; returns how many there were.

        An item that nobody decided by then is closed with it: there is nothing left to decide on,
        and the machine's verdict stands.
        """
        erased = 0
        while batch := await self._expire_batch():
            erased += batch
        async with self._database.writing() as session:
            now = self._clock()
            await drop_sent_records(session)
            await forget_spent_clusters(session)
            await session.execute(
                delete(PostChange).where(
                    or_(
                        PostChange.seen_at <= now - WITHDRAWALS_NOTED_FOR,
                        PostChange.withdrawn_at.is_(None)
                        & (PostChange.seen_at <= now - EDITS_NOTED_FOR),
                    )
                )
            )
        if erased:
            await self._database.empty_log()
        return erased

    async def erase_author(self, author_id: str, *, by: Account | None = None) -> int:
        """Erase the content of everything by the author, and who the author is.

        Decisions stay, under names that stand for the author and the posts. Records that Kafka has
        yet to get are sent as they are. ``by`` is the admin who does it, None on the command line.
        Returns how many items there were.
        """
        now = self._clock()
        async with self._database.writing() as session:
            of_author = select(Item).where(Item.author_id == author_id)
            found = await session.scalars(of_author.order_by(Item.verdict_id).with_for_update())
            items = found.all()
            for item in items:
                if item.state == ItemState.OPEN:
                    item.state, item.closed_at, item.lease_until = ItemState.WITHDRAWN, now, None
            kept = [item for item in items if item.erased_at is None]
            await erase(session, self._audit, kept, ErasedBecause.AUTHOR, now)
            for post_id in {item.post_id for item in items}:
                await session.execute(delete(PostChange).where(PostChange.post_id == post_id))
                await session.execute(
                    update(Item)
                    .where(Item.post_id == post_id)
                    .values(post_id=self._pseudonym(post_id), author_id=self._pseudonym(author_id))
                )
            await self._forget_appeals(session, author_id)
            await drop_sent_records(session)
            self._audit.add(
                session,
                AuditEvent.ERASE,
                actor=by,
                origin=self._pseudonym(author_id),
                detail=asked_by(by) | {"items": str(len(items))},
            )
        await self._database.empty_log()
        return len(items)

    async def _forget_appeals(self, session: AsyncSession, author_id: str) -> None:
        found = await session.scalars(select(AppealRow).where(AppealRow.author_id == author_id))
        for appeal in found.all():
            appeal.post_id = self._pseudonym(appeal.post_id)
            appeal.author_id = self._pseudonym(author_id)
            appeal.statement = None

    async def _expire_batch(self) -> int:
        now = self._clock()
        async with self._database.writing() as session:
            found = await session.scalars(
                select(Item)
                .where(Item.erased_at.is_(None), Item.received_at <= now - self._keep)
                .order_by(Item.received_at)
                .limit(BATCH_ITEMS)
                .with_for_update()
            )
            items = found.all()
            for item in items:
                if item.state == ItemState.OPEN:
                    item.state, item.closed_at, item.lease_until = ItemState.EXPIRED, now, None
            return await erase(session, self._audit, items, ErasedBecause.EXPIRED, now)


def asked_by(account: Account | None) -> dict[str, str]:
    """What the trail says of who asked, where no account is the actor."""
    return {} if account else {"by": COMMAND_LINE}

"""Everything that the console holds about an author, for who asks for it (GDPR article 15)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from workers.review.clock import Clock
from workers.review.store.appeal_table import AppealRow
from workers.review.store.audit import AuditEvent, AuditTrail
from workers.review.store.database import Database
from workers.review.store.erasure import asked_by
from workers.review.store.tables import Account, Content, Decision, Item


class AuthorData:
    """Gathers what is held about an author. ``pseudonym`` names the author in the trail."""

    def __init__(
        self,
        database: Database,
        audit: AuditTrail,
        clock: Clock,
        *,
        pseudonym: Callable[[str], str],
    ) -> None:
        self._database = database
        self._audit = audit
        self._clock = clock
        self._pseudonym = pseudonym

    async def export(
        self,
        author_id: str,
        *,
        by: Account | None = None,
        after: UUID | None = None,
        limit: int | None = None,
    ) -> dict[str, Any]:
        """Items with their content and decisions, the oldest first, ready for JSON.

        Reviewers appear under their pseudonyms. An author of whom nothing is held gets an empty
        list: that, too, is an answer.

        Args:
            author_id: whose.
            by: the admin who asks; None on the command line.
            after: the item that the page before ended with. Appeals are on the first page.
            limit: items of a page; all of them without it.
        """
        async with self._database.writing() as session:
            wanted = (
                select(Item, Content.escalation, Decision, Account.pseudonym)
                .outerjoin(Content, Content.verdict_id == Item.verdict_id)
                .outerjoin(Decision, Decision.verdict_id == Item.verdict_id)
                .outerjoin(Account, Account.account_id == Decision.account_id)
                .where(Item.author_id == author_id)
                .order_by(Item.received_at, Item.verdict_id)
                .limit(limit)
            )
            if after is not None:
                wanted = wanted.where(await _past(session, after))
            items = [_item(*row) for row in await session.execute(wanted)]
            appeals = [] if after else await _appeals(session, author_id)
            self._audit.add(
                session,
                AuditEvent.EXPORT,
                actor=by,
                origin=self._pseudonym(author_id),
                detail=asked_by(by) | {"items": str(len(items))},
            )
        return {
            "author_id": author_id,
            "exported_at": _moment(self._clock()),
            "items": items,
            "appeals": appeals,
        }


async def _past(session: AsyncSession, after: UUID) -> ColumnElement[bool]:
    """Of items in the order of the export: behind one of them; nothing is behind no item."""
    received_at = await session.scalar(select(Item.received_at).where(Item.verdict_id == after))
    if received_at is None:
        return false()
    same = and_(Item.received_at == received_at, Item.verdict_id > after)
    return or_(Item.received_at > received_at, same)


async def _appeals(session: AsyncSession, author_id: str) -> list[dict[str, Any]]:
    found = await session.scalars(
        select(AppealRow)
        .where(AppealRow.author_id == author_id)
        .order_by(AppealRow.received_at, AppealRow.appeal_id)
    )
    return [_appeal(row) for row in found.all()]


def _item(
    item: Item, escalation: str | None, decision: Decision | None, reviewer: str | None
) -> dict[str, Any]:
    return {
        "verdict_id": str(item.verdict_id),
        "post_id": item.post_id,
        "revision": item.revision,
        "queue": item.queue,
        "state": item.state,
        "received_at": _moment(item.received_at),
        "content_hash": item.content_hash,
        "erased_at": _moment(item.erased_at),
        "erased_because": item.erased_because,
        "escalation": None if escalation is None else json.loads(escalation),
        "decision": None if decision is None else _decision(decision, reviewer),
    }


def _decision(decision: Decision, reviewer: str | None) -> dict[str, Any]:
    return {
        "decision_id": str(decision.decision_id),
        "reviewer": reviewer,
        "action": decision.action,
        "machine_action": decision.machine_action,
        "categories": decision.categories,
        "note": decision.note,
        "clause": decision.clause,
        "decided_at": _moment(decision.decided_at),
    }


def _appeal(appeal: AppealRow) -> dict[str, Any]:
    return {
        "appeal_id": str(appeal.appeal_id),
        "verdict_id": str(appeal.contested),
        "post_id": appeal.post_id,
        "revision": appeal.revision,
        "statement": appeal.statement,
        "state": appeal.state,
        "submitted_at": _moment(appeal.submitted_at),
        "decided_at": _moment(appeal.decided_at),
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()

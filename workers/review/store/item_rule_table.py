"""Which rules brought items up, so that a queue can be looked at by rule."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from schemas import Verdict
from workers.review.store.tables import Table


class ItemRule(Table):
    """A live rule that fired on what items are about."""

    __tablename__ = "item_rules"

    subject: Mapped[UUID] = mapped_column(primary_key=True)
    """As the items have it: a second opinion and an appeal are found by the same rules."""
    rule: Mapped[str] = mapped_column(String(64), primary_key=True)

    __table_args__ = (Index("ix_item_rules_rule", "rule", "subject"),)


def live_rules(verdict: Verdict) -> list[str]:
    """The rules that had a word in the verdict, by name."""
    return sorted({hit.rule for hit in verdict.rule_hits if hit.mode == "live" and not hit.errored})


async def note_rules(session: AsyncSession, subject: UUID, verdict: Verdict) -> None:
    """Note the rules of a subject; an appeal may have done so before its escalation was read."""
    for rule in live_rules(verdict):
        await session.merge(ItemRule(subject=subject, rule=rule))

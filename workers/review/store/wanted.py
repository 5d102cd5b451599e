"""Which part of the queue somebody wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, select

from workers.review.store.item_rule_table import ItemRule
from workers.review.store.priority import Severity
from workers.review.store.tables import BLIND, Item


@dataclass(frozen=True, slots=True)
class Wanted:
    """Items of one queue, category, language, rule or severity; None is any."""

    queue: str | None = None
    category: str | None = None
    language: str | None = None
    rule: str | None = None
    severity: Severity | None = None

    def conditions(self, item: type[Item] = Item) -> Iterator[ColumnElement[bool]]:
        """What an item must be, or an alias of one.

        Blind items have no category, rule or severity here: it is what the machine said.
        """
        if self.queue is not None:
            yield item.queue == self.queue
        if self.language is not None:
            yield item.language == self.language
        if self.category is not None:
            yield item.category == self.category
        if self.rule is not None:
            fired = select(ItemRule.subject).where(ItemRule.rule == self.rule)
            yield item.subject.in_(fired)
        if self.severity is not None:
            least, below = self.severity.bounds
            yield item.severity >= least
            yield item.severity < below
        if self.category or self.rule or self.severity:
            yield item.kind.not_in(BLIND)


ANYTHING: Final = Wanted()

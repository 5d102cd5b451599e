"""Which part of the queue somebody wants."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement

from workers.review.store.tables import BLIND, Item


@dataclass(frozen=True, slots=True)
class Wanted:
    """Items of one queue, category or language; None is any."""

    queue: str | None = None
    category: str | None = None
    language: str | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What an item must be.

        Blind items have no category here: it is what the machine said.
        """
        if self.queue is not None:
            yield Item.queue == self.queue
        if self.category is not None:
            yield Item.category == self.category
            yield Item.kind.not_in(BLIND)
        if self.language is not None:
            yield Item.language == self.language


ANYTHING: Final = Wanted()

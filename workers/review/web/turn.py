"""Item after item: where a reviewer who takes the next goes on after a decision."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from pydantic import Field

from schemas import Action
from workers.review.errors import RestError
from workers.review.web.console import Console
from workers.review.web.part import Part
from workers.review.web.security import Login


class Turn(Part):
    """How somebody came to an item, and what to say above it."""

    flow: bool = False
    """Whether the next item of this part follows the decision."""
    decided: Action | None = None
    item: UUID | None = None
    """What was decided before it."""
    alike: int = Field(0, ge=0, le=1_000)
    """How many items were decided with that one."""


ShownTurn = Annotated[Turn, Query()]


def item_in_turn(item: UUID, part: Part, said: dict[str, str] | None = None) -> str:
    """Where an item is, for somebody who works through this part of the queue."""
    return f"/items/{item}?{urlencode({'flow': '1'} | part.named() | (said or {}))}"


async def after_decision(
    console: Console, login: Login, part: Part, said: dict[str, str], *, in_turn: bool
) -> str:
    """Where to go next: in turn to the next item, which is claimed, or else to the queue."""
    if in_turn:
        try:
            claim = await console.parts.queue.claim_next(login.account, part.wanted())
        except RestError:
            claim = None  # the queue's own button says so
        if claim is not None:
            console.metrics.claims.inc()
            return item_in_turn(claim.verdict_id, part, said)
        said |= part.named()
    return f"/?{urlencode(said)}"

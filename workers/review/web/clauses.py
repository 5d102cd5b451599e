"""The clause of the policy that a restriction rests on."""

from __future__ import annotations

from uuid import UUID

from schemas import Action, Verdict
from workers.review.errors import BadRequestError
from workers.review.store import BLIND, live_rules
from workers.review.web.console import Console


def clauses(kind: str, verdict: Verdict) -> list[str]:
    """What can be named: the rules that fired; none where they are not to be known."""
    return [] if kind in BLIND else live_rules(verdict)


async def chosen_clause(
    console: Console, item: UUID, verdict: Verdict, named: str | None, action: Action
) -> str | None:
    """The clause that was named; None with an action that restricts nothing.

    Raises:
        BadRequestError: it is none of the item's.
    """
    if not named:
        return None
    offered = clauses((await console.parts.queue.item(item)).kind, verdict)
    if named not in offered:
        raise BadRequestError(
            f"{named!r} is no clause of this item; name {' or '.join(offered) or 'none'}."
        )
    return None if action is Action.ALLOW else named

"""The reducer: an author's state, a post's state and one event give the next states.

Pure, so that what a replay, a duplicate or a late record does to the counts is settled here and
can be tested without Kafka.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from workers.ledger.events import NO_CATEGORY, DecisionSeen, VerdictSeen
from workers.ledger.state import (
    AuthorState,
    Contribution,
    PostState,
    is_overturned,
    precedence,
)

Judgement = TypeVar("Judgement", VerdictSeen, DecisionSeen)


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did."""

    author: AuthorState
    post: PostState
    changed: bool
    """False for an event that said nothing new: a repetition, or overtaken by a newer one."""
    overturned: tuple[str, ...] = ()
    """The machine's categories that a reviewer has just been found to overturn."""


def reduce(author: AuthorState, post: PostState, event: VerdictSeen | DecisionSeen) -> Step:
    """Count one event.

    The result does not depend on the order in which events arrive, nor on how often each does,
    as long as ``post`` is what this function returned for the post's earlier events.
    """
    after = _remember(post, event)
    return Step(
        _count(author, Contribution.of(post), Contribution.of(after), event),
        after,
        changed=after != post,
        overturned=_newly_overturned(post, after),
    )


def _remember(post: PostState, event: VerdictSeen | DecisionSeen) -> PostState:
    if isinstance(event, DecisionSeen):
        return post.model_copy(update={"decision": _newer(post.decision, event)})
    first = min(event.decided_at, post.first_verdict_at or event.decided_at)
    register = event.source.value
    return post.model_copy(
        update={register: _newer(getattr(post, register), event), "first_verdict_at": first}
    )


def _newer(known: Judgement | None, event: Judgement) -> Judgement:
    return event if known is None else max(known, event, key=precedence)


def _count(
    author: AuthorState,
    before: Contribution,
    after: Contribution,
    event: VerdictSeen | DecisionSeen,
) -> AuthorState:
    buckets = dict(author.buckets)
    # A bucket that has already left the window was dropped with all that it held.
    if before.bucket in buckets:
        buckets[before.bucket] -= before.posts
    if after.bucket is not None:
        buckets[after.bucket] = buckets.get(after.bucket, 0) + after.posts
    return author.model_copy(
        update={"buckets": buckets}
        | {
            # Never below zero, even if an author's row was lost and its posts' rows were not.
            name: max(0, getattr(author, name) - getattr(before, name) + getattr(after, name))
            for name in ("posts", "removals", "strikes", "overturned", "unmatched")
        }
    ).by(event.decided_at)


def _newly_overturned(before: PostState, after: PostState) -> tuple[str, ...]:
    decision, machine = after.decision, after.machine
    if decision is None or machine is None or not is_overturned(decision):
        return ()
    if before.matched and before.decision == decision:
        return ()  # counted when the two first met
    return machine.categories or (NO_CATEGORY,)

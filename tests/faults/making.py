"""Histories for the tests of the checker."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from bench.faults.facts import Accepted, Escalated, History, Judged, Place, Revision, SetAside

NAMESPACE = UUID("4a3c0f3e-7a53-4ff7-9a4c-0b8a6a3f9a51")
POLICY, NEXT_POLICY = "p@1", "p@2"
POLICIES = {POLICY: frozenset({"first"}), NEXT_POLICY: frozenset({"second"})}
POSTS, VERDICTS, ESCALATIONS, DEAD_LETTERS = "posts", "verdicts", "escalations", "posts.dead-letter"


def accepted(offset: int, revision: Revision | None, partition: int = 0) -> Accepted:
    return Accepted(Place(POSTS, partition, offset), revision)


def identity(revision: Revision, judge: str = "model") -> UUID:
    return uuid5(NAMESPACE, f"{revision}{judge}")


def judged(offset: int, revision: Revision, *, judge: str = "model", **fields: Any) -> Judged:
    usual: dict[str, Any] = {"policy": POLICY, "rules": POLICIES[POLICY]}
    return Judged(
        Place(VERDICTS, 0, offset),
        revision,
        identity(revision, judge),
        **(usual | fields),
    )


def escalated(offset: int, revision: Revision) -> Escalated:
    return Escalated(Place(ESCALATIONS, 0, offset), identity(revision))


def set_aside(offset: int, record: Place) -> SetAside:
    return SetAside(Place(DEAD_LETTERS, 0, offset), record)


def kept() -> History:
    """Two revisions of one post, another post, and a record that is none: each answered once."""
    records = [
        accepted(0, ("a", 1)),
        accepted(1, ("a", 2)),
        accepted(2, ("b", 1)),
        accepted(3, None),
    ]
    return History(
        accepted=records,
        verdicts=[judged(0, ("a", 1)), judged(1, ("a", 2), sampled=True), judged(2, ("b", 1))],
        escalations=[escalated(0, ("a", 2))],
        dead_letters=[set_aside(0, records[3].place)],
        acknowledged=frozenset(record.place for record in records),
        policies=POLICIES,
    )

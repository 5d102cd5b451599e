"""What stands on the topics when a run is over, as far as promises can be checked by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

Revision = tuple[str, int]
"""A post's id and its revision."""


class Delivery(StrEnum):
    """What the worker promises."""

    EXACTLY_ONCE = "exactly_once"
    AT_LEAST_ONCE = "at_least_once"
    """An answer may be repeated, under the same verdict id."""


class Place(NamedTuple):
    """Where a record stands."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}-{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record of ``posts``; ``revision`` is None where it holds no post."""

    place: Place
    revision: Revision | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict. ``sampled`` ones must come with an escalation.

    ``overtaken_by`` is the newer revision because of which this one is void. ``rules`` are those
    that fired; None where nobody looked at the post, because it was withdrawn or overtaken.
    """

    place: Place
    revision: Revision
    identity: UUID
    sampled: bool = False
    overtaken_by: int | None = None
    policy: str = ""
    rules: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Escalated:
    """An escalation, by the id of its verdict."""

    place: Place
    identity: UUID


@dataclass(frozen=True, slots=True)
class SetAside:
    """A dead letter, and the record of ``posts`` that it stands for."""

    place: Place
    record: Place


@dataclass(frozen=True, slots=True)
class Transactions:
    """How the records of the answers' topics were written, by the broker's own log."""

    aborted: frozenset[Place] = frozenset()
    unended: frozenset[Place] = frozenset()
    """Of a transaction that has neither been committed nor aborted: it hides all that follows."""
    outside: frozenset[Place] = frozenset()
    """Of no transaction."""


@dataclass(frozen=True, slots=True)
class History:
    """What a reader of committed records finds, each partition in its order."""

    accepted: Sequence[Accepted]
    verdicts: Sequence[Judged]
    escalations: Sequence[Escalated] = ()
    dead_letters: Sequence[SetAside] = ()
    acknowledged: frozenset[Place] = frozenset()
    """Records of ``posts`` that the broker said it has."""
    transactions: Transactions = Transactions()
    policies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The versions that were published, with the rules that each fires on every post."""
    settled: Mapping[Place, str] = field(default_factory=dict)
    """Records that came when all workers judged by this version, and were answered meanwhile."""

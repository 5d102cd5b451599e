"""What the fleet is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """Which process."""

    WORKER = "worker"
    LEDGER = "ledger"
    CONSOLE = "console"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Process:
    """One process.

    Attributes:
        state: ``ready``, ``not ready`` or ``gone``.
        notes: why it is not ready, and what an operator should know.
        program: its version; empty where it is gone.
        model: version; empty for other processes than workers.
        candidate: version of the model that is compared with it; empty where there is none.
        candidate_share: of the posts, that the candidate judges.
        compared_share: of the posts, that both score.
        policy: version in force.
        policy_since: from when on.
        waiting: posts without an answer in a worker's partitions, items that wait for a reviewer in
            the console; None in the ledger.
        done: verdicts, decisions, or what the ledger has counted, since the process began.
    """

    address: str
    kind: Kind
    state: str
    notes: Sequence[str]
    program: str = ""
    model: str = ""
    candidate: str = ""
    candidate_share: float = 0.0
    compared_share: float = 0.0
    policy: str = ""
    policy_since: datetime | None = None
    waiting: int | None = None
    done: int = 0


@dataclass(frozen=True, slots=True)
class Quota:
    """A rule's quota, as the workers count it together."""

    rule: str
    left: float
    of: float
    tripped: bool


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank, as the worker with the oldest copy has it."""

    name: str
    entries: int
    age_seconds: float
    stale: bool

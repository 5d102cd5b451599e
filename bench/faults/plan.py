"""Which faults come in which order: drawn from a seed, so that a run can be told again."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Final, TypeVar

from bench.faults.facts import Delivery
from bench.faults.steps import AT_LEAST_ONCE_STEPS, EXACTLY_ONCE_STEPS, Step

T = TypeVar("T")


class Kind(StrEnum):
    """What is injected."""

    KILL = "kill"  # SIGKILL at any moment
    POWER_CUT = "power cut"  # SIGKILL of every worker at once
    DIE_AT_STEP = "die at step"  # SIGKILL at a step of a commit
    FREEZE = "freeze"  # SIGSTOP until others have taken over, then SIGCONT
    FREEZE_AT_STEP = "freeze at step"  # the same in the middle of a commit: a zombie wakes up
    JOIN = "join"  # a worker more
    LEAVE = "leave"  # a worker is asked to stop
    ROLLING_RESTART = "rolling restart"  # every worker, one after the other
    POLICY_ROLL_OUT = "policy roll-out"  # new versions on the topic ``policies``
    BROKER_STOP = "broker stop"
    BROKER_KILL = "broker kill"
    BROKER_HOLD = "broker hold"  # it stands still for longer than a session
    STORE_SLOW = "store slow"
    STORE_FAILING = "store failing"
    STORE_CUT_OFF = "store cut off"
    POISON = "poison"
    UNREADABLE = "unreadable"
    OUT_OF_MEMORY = "out of memory"
    CLOCK_JUMP = "clock jump"


WITH_STEP: Final = frozenset({Kind.DIE_AT_STEP, Kind.FREEZE_AT_STEP})

DECK: Final = (
    *Kind,
    *[Kind.DIE_AT_STEP] * 5,
    *[Kind.FREEZE_AT_STEP] * 3,
    *[Kind.KILL],
)
"""Every kind, and more of those that come in many forms."""

MOST_POSTS: Final = 1_000
"""That one fault sends."""

_SEED_BITS: Final = 32


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to inject. What else it has to choose it draws from ``seed``."""

    kind: Kind
    seed: int
    step: Step | None = None

    def __str__(self) -> str:
        if self.step is None:
            return self.kind
        return f"{self.kind} {self.step.request.value}/{self.step.moment.value}"

    def number(self, place: int) -> int:
        """Of a post that this fault sends: one that no other has."""
        return self.seed * MOST_POSTS + place

    @property
    def draw(self) -> random.Random:
        """The fault's own choices, from the beginning."""
        return random.Random(self.seed)  # noqa: S311 - draws faults that a seed must repeat; nothing secret


def plan(
    seed: int, faults: int, delivery: Delivery, kinds: Collection[Kind] = tuple(Kind)
) -> list[Fault]:
    """So many faults: all kinds, and all steps of a commit, before any comes again."""
    draw = random.Random(seed)  # noqa: S311 - draws faults that a seed must repeat; nothing secret
    steps = AT_LEAST_ONCE_STEPS if delivery is Delivery.AT_LEAST_ONCE else EXACTLY_ONCE_STEPS
    deck = [kind for kind in DECK if kind in kinds]
    by_kind = {kind: _shuffled(draw, steps) for kind in sorted(WITH_STEP)}
    return [
        Fault(
            kind,
            draw.getrandbits(_SEED_BITS),
            next(by_kind[kind]) if kind in by_kind else None,
        )
        for kind in islice(_shuffled(draw, deck), faults)
    ]


def _shuffled(draw: random.Random, deck: Sequence[T]) -> Iterator[T]:
    """The deck again and again, shuffled anew each time."""
    while True:
        cards = list(deck)
        draw.shuffle(cards)
        yield from cards

"""What the harness tells a worker to suffer."""

from __future__ import annotations

from dataclasses import dataclass

from bench.faults.steps import Fate, Step


@dataclass(frozen=True, slots=True)
class MeetFate:
    """Die or freeze at the next such step of a commit."""

    step: Step
    fate: Fate


@dataclass(frozen=True, slots=True)
class RunOutOfMemory:
    """The device has no memory for so many batches of more than ``above`` posts."""

    batches: int
    above: int


@dataclass(frozen=True, slots=True)
class JumpClock:
    """The wall clock is so many seconds off from now on; the monotonic one is not."""

    seconds: float


Order = MeetFate | RunOutOfMemory | JumpClock

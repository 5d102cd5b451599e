"""What every benchmark of this folder can be told on the command line."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, NoReturn

from bench.performance.machine import describe_machine
from bench.performance.report import Report


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured, and where.

    Attributes:
        small: few posts and one round, which shows that everything works and measures nothing.
        share: of the posts that a full run takes, for a machine that is busy or slow.
        rounds: how often each figure is taken; the candidates take turns.
        device: of the model.
        machine: described before anything ran.
    """

    small: bool = False
    share: float = 1.0
    rounds: int = 3
    device: str = "cpu"
    machine: dict[str, Any] = field(default_factory=dict)

    def posts(self, full: int, small: int) -> int:
        """How many posts, by whether this is a smoke run."""
        return small if self.small else max(small, int(full * self.share))

    def report(self, name: str) -> Report:
        """A report of this run; the device is in its name unless it is the CPU."""
        device = "" if self.device == "cpu" else f"-{self.device.partition(':')[0]}"
        return Report(name + device, self.machine, small=self.small)


def parsed(
    description: str | None, add: Callable[[argparse.ArgumentParser], object]
) -> tuple[Options, argparse.Namespace]:
    """The command line; ``add`` adds what one benchmark takes besides.

    From then on a SIGTERM ends the run as an error would, so that no broker and no worker is left.
    """
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="a smoke run, written to runs/bench")
    parser.add_argument("--share", type=float, default=1.0, help="of the posts of a full run")
    parser.add_argument("--rounds", type=int, default=3, help="of each figure")
    parser.add_argument("--device", default="cpu", help="of the model: cpu, cuda, cuda:N")
    add(parser)
    given = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    rounds = 1 if given.small else given.rounds
    machine = describe_machine(given.device)
    return Options(given.small, given.share, rounds, given.device, machine), given


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def nothing_more(_parser: argparse.ArgumentParser) -> None:
    """For a benchmark without options of its own."""

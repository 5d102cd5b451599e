"""A learner small enough to follow by hand: a weight that is pulled to noisy numbers."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from moderation.training.dev_figure import DevFigure
from moderation.training.learner import Learner
from moderation.training.reporting import SilentReporter
from moderation.training.stage import StageSetting


class Toy(Learner[Tensor]):
    """Fits one number; its dev figure is scripted, or the closeness to 3."""

    def __init__(self, figures: Sequence[float | None] | None = None, rows: int = 8) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(()))
        self.drop = nn.Dropout(0.2)
        self.rows = rows
        self.figures = list(figures) if figures is not None else None
        self.judged: list[float] = []

    def describe(self) -> str:
        return f"{self.rows} numbers"

    def new_parameters(self) -> Iterable[nn.Parameter]:
        return []

    def batches(self, draw: random.Random) -> list[list[int]]:
        order = list(range(self.rows))
        draw.shuffle(order)
        return [order[at : at + 2] for at in range(0, self.rows, 2)]

    def prepare(self, rows: list[int], draw: random.Random) -> Tensor:
        return torch.tensor([3 + row / 10 + draw.gauss(0, 0.1) for row in rows])

    def forward(self, batch: Tensor) -> Mapping[str, Tensor]:
        return {"labels": (self.drop(batch) - self.weight).square().mean()}

    def evaluate(self) -> DevFigure:
        self.judged.append(self.weight.item())
        if self.figures is None:
            return DevFigure({("toy", "spam"): 1 - abs(self.weight.item() - 3) / 10})
        value = self.figures[len(self.judged) - 1]
        return DevFigure({} if value is None else {("toy", "spam"): value})


class Interrupt(SilentReporter):
    """Stops a stage as Ctrl-C would, before its step's progress is heard for the n-th time."""

    def __init__(self, after: int) -> None:
        self.left = after

    def step(self, done: float, loss: float) -> None:
        del done, loss
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


class Notes(SilentReporter):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, message: str) -> None:
        self.lines.append(message)


def setting_in(folder: Path, reporter: SilentReporter | None = None) -> StageSetting:
    """A stage on the CPU that checkpoints after every batch."""
    folder.mkdir(parents=True, exist_ok=True)
    return StageSetting(
        name="toy",
        seed=1,
        folder=folder,
        checkpoint_minutes=0,
        reporter=reporter or SilentReporter(),
        device=torch.device("cpu"),
    )

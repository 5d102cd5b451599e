"""What a stage teaches, as the loop sees it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from torch import Tensor, nn

from moderation.training.dev_figure import DevFigure

Batch = TypeVar("Batch")


class Learner(nn.Module, Generic[Batch]):
    """A module whose forward pass is the loss of a batch.

    Its parameters are what the stage trains; everything else (data, other parts of the model) is
    held out of the module's sight.
    """

    def describe(self) -> str:
        """What it works on, in a few words: a checkpoint of something else is refused."""
        raise NotImplementedError

    def new_parameters(self) -> Iterable[nn.Parameter]:
        """Those that start at random and learn faster; the others come with knowledge."""
        raise NotImplementedError

    def batches(self, draw: random.Random) -> list[list[int]]:
        """The rows of each batch of an epoch."""
        raise NotImplementedError

    def prepare(self, rows: list[int], draw: random.Random) -> Batch:
        """Make a batch, on the CPU; may run beside the step before."""
        raise NotImplementedError

    def forward(self, batch: Batch) -> Mapping[str, Tensor]:
        """The parts of the loss, weighted, by name; the loss is their sum."""
        raise NotImplementedError

    def evaluate(self) -> DevFigure:
        """Measure on the dev rows."""
        raise NotImplementedError

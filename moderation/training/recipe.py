"""The numbers of a training run."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class StageRecipe:
    """How one part of the model is trained.

    Attributes:
        epochs: passes over the training rows.
        learning_rate: of the weights at the peak; new parts learn ``head_factor`` times faster.
        batch_cost: padded tokens (text), pictures, or padded seconds (audio) in a batch.
        max_minutes: wall-clock limit; the learning rate falls to 0 by whichever ends first.
    """

    epochs: int
    learning_rate: float
    batch_cost: int
    head_factor: float = 5.0
    weight_decay: float = 0.01
    warmup: float = 0.06  # share of the stage
    max_minutes: float = 60.0

    def faster(self, factor: float) -> Self:
        """The same stage with fewer epochs and less time."""
        return dataclasses.replace(
            self,
            epochs=math.ceil(self.epochs / factor),
            max_minutes=self.max_minutes / factor,
        )


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole progressive run: each encoder by itself, then the fusion, then the calibration.

    The defaults train ``compact`` on two CPU cores in about an hour.
    """

    seed: int = 7
    threads: int = 2
    text_tokens: int = 96  # of a training text; posts are short and longer ones are windowed
    text: StageRecipe = field(
        default_factory=lambda: StageRecipe(
            epochs=3, learning_rate=1.5e-4, batch_cost=3072, max_minutes=38
        )
    )
    image: StageRecipe = field(
        default_factory=lambda: StageRecipe(
            epochs=30, learning_rate=6e-4, batch_cost=64, head_factor=1.0, max_minutes=6
        )
    )
    audio: StageRecipe = field(
        default_factory=lambda: StageRecipe(
            epochs=25, learning_rate=6e-4, batch_cost=160, head_factor=1.0, max_minutes=10
        )
    )
    fusion: StageRecipe = field(
        default_factory=lambda: StageRecipe(
            epochs=6, learning_rate=4e-4, batch_cost=256, head_factor=1.0, max_minutes=6
        )
    )

    def faster(self, factor: float) -> Self:
        """The same run with fewer epochs and less time in every stage."""
        return dataclasses.replace(
            self,
            text=self.text.faster(factor),
            image=self.image.faster(factor),
            audio=self.audio.faster(factor),
            fusion=self.fusion.faster(factor),
        )

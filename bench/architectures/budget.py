"""What every contender may use: the same rows of a modality, as many passes over them."""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self

from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import MODALITIES
from moderation.training import Recipe, StageRecipe
from schemas import Modality

ALLOTMENT: Final[Mapping[Modality, float]] = MappingProxyType(
    {Modality.TEXT: 1.0, Modality.IMAGE: 6.0, Modality.AUDIO: 4.0}
)
"""Times ``--share``, at most all rows: pictures and sounds are few, and most of their encoders
start at random, so with the share of the texts they would learn nothing that could be compared."""

PASSES: Final = (2, 4, 4, 2)  # over texts, pictures, sounds, and by the fusion
CHECKPOINT_MINUTES: Final = 2.0  # a part takes about five
HASHES: Final = 2**32  # of crc32


@dataclass(frozen=True, slots=True)
class Budget:
    """What one contender learns from, and how long.

    Attributes:
        shares: of the training rows of each modality, 0..1.
        dev_limit: dev rows of one source, at most.
        recipe: the shipped one with fewer passes.
    """

    shares: Mapping[Modality, float]
    dev_limit: int
    recipe: Recipe

    @classmethod
    def of(cls, share: float, passes: Sequence[int], *, dev_rows: int, threads: int) -> Self:
        """A share of the texts, and by the allotment of pictures and sounds.

        Args:
            share: of the training texts, above 0.
            passes: over texts, pictures and sounds, and of the fusion.
            dev_rows: of one source, at most.
            threads: of the CPU.
        """
        text, image, audio, fusion = passes
        shipped = Recipe()
        recipe = dataclasses.replace(
            shipped,
            threads=threads,
            checkpoint_minutes=CHECKPOINT_MINUTES,
            text=dataclasses.replace(shipped.text, epochs=text),
            image=dataclasses.replace(shipped.image, epochs=image),
            audio=dataclasses.replace(shipped.audio, epochs=audio),
            fusion=dataclasses.replace(shipped.fusion, epochs=fusion),
        )
        shares = {modality: min(1.0, share * ALLOTMENT[modality]) for modality in MODALITIES}
        return cls(shares, dev_rows, recipe)

    def train_rows(self, rows: Iterable[Row]) -> list[Row]:
        """The drawn training rows; a post of several modalities by the largest of their shares."""
        return [
            row
            for row in rows
            if row.split == TRAIN and draw_of(row) < max(self.shares[m] for m in row.modalities)
        ]

    def dev_rows(self, rows: Iterable[Row]) -> list[Row]:
        """The drawn dev rows."""
        kept: list[Row] = []
        counts: dict[str, int] = {}
        for row in sorted((row for row in rows if row.split == DEV), key=draw_of):
            counts[row.source] = counts.get(row.source, 0) + 1
            if counts[row.source] <= self.dev_limit:
                kept.append(row)
        return kept

    def fractions(self) -> dict[str, float]:
        """Rows times passes over those of the shipped recipe, by stage."""
        shipped = Recipe()
        of_rows = {
            Modality.TEXT.value: self.recipe.text.epochs / shipped.text.epochs,
            Modality.IMAGE.value: self.recipe.image.epochs / shipped.image.epochs,
            Modality.AUDIO.value: self.recipe.audio.epochs / shipped.audio.epochs,
        }
        return {
            name: round(self.shares[Modality(name)] * part, 4) for name, part in of_rows.items()
        }

    def describe(self, train: Sequence[Row]) -> str:
        """One line a stage."""
        fractions = self.fractions()
        lines = []
        for modality in MODALITIES:
            stage = getattr(self.recipe, modality.value)
            rows = sum(modality in row.modalities for row in train)
            lines.append(
                f"{modality.value}: {rows:,} rows ({self.shares[modality]:.1%}), "
                f"{stage.epochs} passes, {fractions[modality.value]:.1%} of the shipped recipe"
            )
        shipped = Recipe().fusion.epochs
        lines.append(f"fusion: {self.recipe.fusion.epochs} passes over them all, not {shipped}")
        return "\n".join(lines)


def from_scratch(stage: StageRecipe) -> StageRecipe:
    """The stage of an encoder that starts at random: all of it learns as fast as new parts do."""
    return dataclasses.replace(
        stage, learning_rate=stage.learning_rate * stage.head_factor, head_factor=1.0
    )


def draw_of(row: Row) -> float:
    """A number of 0..1 that hangs on nothing but the row's name."""
    return zlib.crc32(f"{row.source} {row.id}".encode()) / HASHES

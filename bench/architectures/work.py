"""What the comparison works on, and the folder that it can be taken up from."""

from __future__ import annotations

import dataclasses
import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bench.architectures.budget import Budget, from_scratch
from bench.architectures.lineup import Lineup
from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import MODALITIES, ModelConfig, TextTokenizer
from moderation.training import Recipe, Reporter, Run, TrainingError
from moderation.training.run import TOKENIZER_FILE, make_tokenizer, stage_recipe
from schemas import Modality

TERMS: Final = "terms.json"

Starts = Mapping[tuple[Modality, str], Path]
"""Where an encoder's first weights are, by modality and kind; the others start at random."""


@dataclass(frozen=True, slots=True)
class Work:
    """One comparison.

    Attributes:
        rows: the drawn ones, of both splits.
        folder: in which every finished part lies.
        reporter: makes a listener for the stage of the given name.
        device: on which is trained, or ``auto``; speed is always that of a CPU.
    """

    rows: Sequence[Row]
    budget: Budget
    lineup: Lineup
    folder: Path
    starts: Starts
    reporter: Callable[[str], Reporter]
    device: str = "cpu"

    def split(self, name: str) -> list[Row]:
        """The drawn rows of one split."""
        return [row for row in self.rows if row.split == name]

    @property
    def tokenizer(self) -> TextTokenizer:
        """The vocabulary of all contenders, chosen for the drawn training texts."""
        path = self.folder / TOKENIZER_FILE
        most = max(text.max_tokens for text in self.lineup.encoders[Modality.TEXT].values())
        if not path.is_file():
            start = self.starts.get((Modality.TEXT, "bert"))
            run = self.run(ModelConfig(), self.folder, self.rows, start=start)
            path.write_text(make_tokenizer(run, max_tokens=most).to_json(), "utf-8")
        return TextTokenizer.from_file(path, max_tokens=most)

    def encoder_run(self, modality: Modality, kind: str) -> Run:
        """Trains one encoder on the rows of its modality."""
        folder = self.encoder_folder(modality, kind)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / TOKENIZER_FILE).write_text(self.tokenizer.to_json(), "utf-8")
        return self.run(
            self.lineup.alone(modality, kind),
            folder,
            [only(row, modality) for row in self.rows if modality in row.modalities],
            start=self.starts.get((modality, kind)),
        )

    def encoder_folder(self, modality: Modality, kind: str) -> Path:
        """Where an encoder is kept."""
        return self.folder / "encoders" / f"{modality.value}-{kind}"

    def run(
        self, config: ModelConfig, folder: Path, rows: Sequence[Row], *, start: Path | None = None
    ) -> Run:
        """A training run of some dimensions, in a folder of its own."""
        recipe = self.budget.recipe
        return Run(
            rows=rows,
            recipe=recipe if start else _all_from_scratch(recipe),
            preset=config,
            checkpoints=folder,
            initial_text=start if start and start.is_dir() else None,
            initial_image=start if start and start.is_file() else None,
            reporter=lambda stage: self.reporter(f"{folder.name} {stage}"),
            device=self.device,
        )

    def check_terms(self) -> None:
        """Keep the terms in the folder, or compare them with those that are kept there.

        Raises:
            TrainingError: the folder holds parts that were trained on other terms.
        """
        path, terms = self.folder / TERMS, json.dumps(self._terms(), indent=1) + "\n"
        if path.is_file() and path.read_text("utf-8") != terms:
            raise TrainingError(
                f"{path} has the terms of another comparison (rows, passes or dimensions); take "
                "that up with the same options and data, or choose another folder"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_text(terms, "utf-8")

    def _terms(self) -> dict[str, Any]:
        recipe = self.budget.recipe
        names = " ".join(f"{row.source} {row.id} {row.split}" for row in self.rows)
        stages = (*(stage_recipe(recipe, modality) for modality in MODALITIES), recipe.fusion)
        return {
            "rows": {split: len(self.split(split)) for split in (TRAIN, DEV)},
            "row_names": zlib.crc32(names.encode()),
            "stages": [dataclasses.asdict(stage) for stage in stages],
            "dimensions": {
                f"{modality.value} {kind}": dataclasses.asdict(config)
                for modality, kinds in self.lineup.encoders.items()
                for kind, config in kinds.items()
            },
        }


def only(row: Row, modality: Modality) -> Row:
    """The row without its other modalities."""
    others: dict[str, Any] = {m.value: None for m in MODALITIES if m is not modality}
    return dataclasses.replace(row, **others)


def _all_from_scratch(recipe: Recipe) -> Recipe:
    return dataclasses.replace(
        recipe,
        text=from_scratch(recipe.text),
        image=from_scratch(recipe.image),
        audio=from_scratch(recipe.audio),
    )

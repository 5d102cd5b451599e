"""A model of one set: the shipped one's start, learning that set alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from bench.single_task.text_sets import TextSet
from moderation.evaluation import predict
from moderation.model import PRESETS, Classifier, ModelConfig
from moderation.training import Recipe, Reporter, Run, train_encoders
from moderation.training.run import TOKENIZER_FILE, train_and_calibrate_fusion
from schemas import Modality

SCORES_FILE: Final = "dev.npy"


@dataclass(frozen=True, slots=True)
class Trainer:
    """How the model of one set is made.

    Attributes:
        shipped: whose vocabulary it has.
        preset: its dimensions.
        start: folder of the text encoder's first weights, or None for random ones.
        recipe: its numbers, but for the passes over the texts.
        folder: of what is finished.
        reporter: makes a listener for the stage of the given name.
    """

    shipped: Classifier
    preset: ModelConfig
    start: Path | None
    recipe: Recipe
    folder: Path
    reporter: Callable[[str], Reporter]

    def scores(self, own: TextSet) -> npt.NDArray[np.float32]:
        """Probabilities of the set's dev rows, shape = (rows,), by the model of the set alone.

        Raises:
            TrainingError: the set has no training rows, or a checkpoint is of another model.
        """
        folder = self.folder / f"{own.source}-{len(own.train)}x{own.passes}-{len(own.dev)}"
        path = folder / SCORES_FILE
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True)
            (folder / TOKENIZER_FILE).write_text(self.shipped.tokenizer.to_json(), "utf-8")
            run = self._run(own, folder)
            model = train_encoders(run, [Modality.TEXT])
            train_and_calibrate_fusion(run, model)
            fresh = folder / f"fresh-{SCORES_FILE}"
            np.save(fresh, predict(model.cpu().eval(), own.dev)[:, 0])
            fresh.replace(path)
        kept: npt.NDArray[np.float32] = np.load(path)
        return kept

    def _run(self, own: TextSet, folder: Path) -> Run:
        filler = PRESETS["tiny"]  # pictures and sounds are not asked about
        config = dataclasses.replace(
            self.preset, categories=(own.category,), image=filler.image, audio=filler.audio
        )
        text = dataclasses.replace(self.recipe.text, epochs=own.passes)
        return Run(
            rows=[*own.train, *own.dev],
            recipe=dataclasses.replace(self.recipe, text=text),
            preset=config,
            checkpoints=folder,
            initial_text=self.start,
            reporter=lambda stage: self.reporter(f"{own.source} {stage}"),
            device="cpu",
        )

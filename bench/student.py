"""A student with fewer text layers than its teacher, for ``bench.small``.

Most of a post's time is spent in the text encoder's layers. The student keeps the teacher's first
and last layer and some evenly between, as Sanh et al., "DistilBERT" (2019), start theirs, and all
that is beside them; only its text encoder is taught, so pictures and sounds are judged as before.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.architectures.budget import draw_of
from moderation.evaluation import DEV, TRAIN, Row
from moderation.model import Classifier, ModelConfigError
from moderation.training import Distillation, Recipe, Reporter, distil
from schemas import Modality

LAYER: Final = re.compile(r"(?<=\.layer\.)(\d+)(?=\.)")
TEXT_PART: Final = "text_encoder."


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a student is taught with.

    Attributes:
        rows: texts of the train split teach; all dev rows choose the weights and calibrate.
        layers: of its text encoder.
        share: of the training texts, drawn by their names.
        passes: over them.
        folder: where it is kept, and taken up from.
        reporter: makes a listener for the stage of the given name.
    """

    rows: Sequence[Row]
    layers: int
    share: float
    passes: int
    folder: Path
    reporter: Callable[[str], Reporter]


def taught_student(teacher: Classifier, lessons: Lessons) -> Classifier:
    """Distil, or read what was distilled before.

    Raises:
        ModelConfigError: the teacher's text encoder is no BERT of more layers.
        TrainingError: no training text was drawn, or a checkpoint is of another model.
    """
    texts = [
        row
        for row in lessons.rows
        if row.split == TRAIN
        and row.modalities == (Modality.TEXT,)
        and draw_of(row) < lessons.share
    ]
    folder = lessons.folder / f"{lessons.layers}-layers-{len(texts)}x{lessons.passes}"
    kept = folder / "model"
    if not kept.is_dir():
        student = with_fewer_layers(teacher, lessons.layers)
        for name, weights in student.named_parameters():
            weights.requires_grad_(name.startswith(TEXT_PART))
        work = Distillation(
            teacher=teacher,
            student=student,
            rows=texts + [row for row in lessons.rows if row.split == DEV],
            recipe=dataclasses.replace(Recipe().text, epochs=lessons.passes),
            folder=folder,
            reporter=lessons.reporter("distillation"),
        )
        fresh = folder / "fresh"
        distil(work).save_pretrained(fresh)
        fresh.replace(kept)
    return Classifier.from_pretrained(kept)


def with_fewer_layers(teacher: Classifier, layers: int) -> Classifier:
    """A copy of a teacher without some of its text layers; exact on disk.

    Raises:
        ModelConfigError: the teacher's text encoder is no BERT of more layers.
    """
    config = teacher.config
    if config.text.kind != "bert" or not 0 < layers < config.text.layers:
        raise ModelConfigError(
            f"{config.name} has a {config.text.kind} text encoder of {config.text.layers} layers, "
            f"of which {layers} cannot be chosen; choose fewer of a BERT's"
        )
    chosen = np.linspace(0, config.text.layers - 1, layers).round().astype(int).tolist()
    student = Classifier(
        dataclasses.replace(
            config,
            name=f"{config.name}-{layers}-layers",
            storage="float32",
            text=dataclasses.replace(config.text, layers=layers),
        ),
        teacher.tokenizer,
        teacher.calibration,
    )
    known = teacher.state_dict()
    student.load_state_dict(
        {
            name: known[
                LAYER.sub(lambda place: str(chosen[int(place[1])]), name)
                if name.startswith(TEXT_PART)
                else name
            ]
            for name in student.state_dict()
        }
    )
    return student.eval()

"""The wiring of the commands that make a model smaller: a folder in, a smaller one out."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

from moderation.evaluation import DEV, Row
from moderation.model import Classifier
from moderation.training import (
    Distillation,
    ProgressReporter,
    StageRecipe,
    choose_device,
    distil,
    importance_by_loss,
    importance_by_weight,
    pruned,
    student_of,
)
from workers.training.terminal import plain_errors, progress_bars, read_rows

BATCH_COST: Final = 2560  # tokens, as the text stage of `moderation train`


@dataclass(frozen=True, slots=True)
class Teaching:
    """How long and how fast a smaller model is taught, and where."""

    checkpoints: Path
    epochs: int
    learning_rate: float
    """At its peak."""
    minutes: float
    """At most, whatever epochs are left."""
    seed: int
    device: str


def run_distillation(
    teacher_folder: Path,
    manifests: Sequence[Path],
    *,
    output: Path,
    student_preset: str,
    student_folder: Path | None,
    teaching: Teaching,
) -> None:
    """Distil, write the student, say how small it became."""
    console = Console(stderr=True)
    with plain_errors(console):
        teacher = Classifier.from_pretrained(teacher_folder)
        student = (
            Classifier.from_pretrained(student_folder)
            if student_folder
            else student_of(teacher, student_preset)
        )
        _teach(console, teacher, student, read_rows(manifests), teaching)
        _write(console, student, teacher, output)


def run_quantisation(folder: Path, *, output: Path) -> None:
    """Write the model with its matrices in int8."""
    console = Console(stderr=True)
    with plain_errors(console):
        model, source = (Classifier.from_pretrained(folder) for _ in range(2))
        model.config = dataclasses.replace(model.config, storage="int8")
        _write(console, model, source, output)


def run_pruning(
    folder: Path,
    manifests: Sequence[Path],
    *,
    output: Path,
    heads: float,
    units: float,
    teaching: Teaching,
) -> None:
    """Rank, prune, teach what is left, write it."""
    console = Console(stderr=True)
    with plain_errors(console):
        model = Classifier.from_pretrained(folder)
        rows = read_rows(manifests)
        importance = (
            importance_by_loss(model, [row for row in rows if row.split == DEV])
            if rows
            else importance_by_weight(model)
        )
        smaller = pruned(model, importance, heads=heads, units=units)
        if rows:
            _teach(console, model, smaller, rows, teaching)
        _write(console, smaller, model, output)


def _teach(
    console: Console,
    teacher: Classifier,
    student: Classifier,
    rows: Sequence[Row],
    how: Teaching,
) -> None:
    where = choose_device(how.device)
    with progress_bars(console) as progress:
        distil(
            Distillation(
                teacher=teacher.to(where),
                student=student.to(where),
                rows=rows,
                recipe=StageRecipe(
                    how.epochs, how.learning_rate, BATCH_COST, max_minutes=how.minutes
                ),
                folder=how.checkpoints,
                reporter=ProgressReporter(progress, "teaching"),
                seed=how.seed,
            )
        )


def _write(console: Console, model: Classifier, source: Classifier, output: Path) -> None:
    model.save_pretrained(output)
    console.print(
        f"written to {output}: {model.version}, {_millions(model)} million parameters; "
        f"it was {source.version}, {_millions(source)} million",
        highlight=False,
    )


def _millions(model: Classifier) -> str:
    return f"{sum(parameter.numel() for parameter in model.parameters()) / 1e6:.2f}"

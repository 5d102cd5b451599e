"""The wiring of ``moderation train``: manifests in, progress shown, a model folder out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from moderation.model import PRESETS
from moderation.training import (
    EXTRA_MISSING,
    Processes,
    ProgressReporter,
    Run,
    curves_can_be_drawn,
    known_config,
    read_recipe,
    recipe_for,
    train,
    train_encoders,
)
from schemas import Modality
from workers.training.starts import installed_image, installed_text
from workers.training.tables import print_report
from workers.training.terminal import plain_errors, progress_bars, read_rows

METRICS_FILE = "metrics.json"
DEFAULT_PRESET = "compact"


def run_training(
    manifests: Sequence[Path],
    *,
    output: Path,
    checkpoints: Path,
    preset: str | None,
    start: Path | None,
    initial_text: Path | None,
    initial_image: Path | None,
    numbers: Path | None,
    seed: int | None,
    speed: float,
    threads: int | None,
    device: str,
    only: Sequence[Modality],
    curves: bool,
) -> None:
    """Train, write the model folder with its metrics, print the figures."""
    if start is not None and (preset or initial_text or initial_image):
        raise typer.BadParameter("--start brings architecture and weights; leave out the others")
    preset = preset or DEFAULT_PRESET
    if preset not in PRESETS:
        raise typer.BadParameter(f"there is no preset {preset!r}; choose of {', '.join(PRESETS)}")
    processes = Processes.of_environment()
    console = Console(stderr=True, quiet=not processes.first)
    if start is None:
        initial_text = initial_text or installed_text(preset)
        initial_image = initial_image or installed_image(preset)
    console.print(f"text encoder starts from {start or initial_text or 'random weights'}")
    console.print(f"image encoder starts from {start or initial_image or 'random weights'}")
    if curves and not curves_can_be_drawn():
        console.print(EXTRA_MISSING)
        curves = False
    with plain_errors(console), progress_bars(console) as progress:
        recipe = recipe_for(known_config(start) if start else PRESETS[preset])
        recipe = recipe if numbers is None else read_recipe(numbers, recipe)
        recipe = dataclasses.replace(
            recipe.faster(speed),
            seed=recipe.seed if seed is None else seed,
            threads=recipe.threads if threads is None else threads,
        )
        run = Run(
            rows=read_rows(manifests),
            recipe=recipe,
            preset=preset,
            checkpoints=checkpoints,
            initial_text=initial_text,
            initial_image=initial_image,
            reporter=lambda name: ProgressReporter(progress, name),
            device=device,
            processes=processes,
            curves=curves,
            start=start,
        )
        if only:
            train_encoders(run, only)
            console.print(f"encoders kept in {checkpoints}; leave out --only for a whole model")
            return
        model, report = train(run)
        if not processes.first:
            return
        model.save_pretrained(output)
        report = dataclasses.replace(report, model=model.version)
        (output / METRICS_FILE).write_text(json.dumps(report.to_dict(), indent=1) + "\n", "utf-8")
    print_report(Console(), report)
    console.print(f"written to {output}: {report.model}")

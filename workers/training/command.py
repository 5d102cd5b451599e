"""``moderation train`` and ``moderation evaluate``: make a classifier, and measure one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Manifests = Annotated[
    list[Path], typer.Argument(help="Manifests of labelled posts, .jsonl or .jsonl.gz.")
]


def register(app: typer.Typer) -> None:
    """Add ``moderation train`` and ``moderation evaluate``."""
    app.command(name="train")(train)
    app.command(name="evaluate")(evaluate)


def train(
    manifests: Manifests,
    *,
    output: Annotated[Path, typer.Option(help="Folder that the model is written to.")],
    checkpoints: Annotated[
        Path | None,
        typer.Option(help="Folder of finished stages, to take a run up again. [OUTPUT/stages]"),
    ] = None,
    preset: Annotated[str, typer.Option(help="Dimensions: compact or tiny.")] = "compact",
    initial_text: Annotated[
        Path | None,
        typer.Option(help="Folder of MiniLM-L6, to start the text encoder from."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 7,
    speed: Annotated[
        float, typer.Option(help="Epochs and time limits are divided by this; for trying out.")
    ] = 1.0,
) -> None:
    """Train a classifier: each encoder, then the fusion, then the calibration.

    Rows with `"split": "train"` teach, rows with `"split": "dev"` calibrate and are measured. What
    is finished lies in the checkpoints, and the same command takes it up again.
    """
    from workers.training.app import run_training

    run_training(
        manifests,
        output=output,
        checkpoints=checkpoints or output / "stages",
        preset=preset,
        initial_text=initial_text,
        seed=seed,
        speed=speed,
    )


def evaluate(
    manifests: Manifests,
    *,
    model: Annotated[
        Path | None, typer.Option(help="A model folder; the shipped one when left out.")
    ] = None,
    split: Annotated[
        str | None, typer.Option(help="Only rows of this split, e.g. dev. All when left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, no tables.")] = False,
) -> None:
    """Measure a classifier on labelled posts: by category, modality and source."""
    from workers.training.app import run_evaluation

    run_evaluation(manifests, model=model, split=split, as_json=as_json)

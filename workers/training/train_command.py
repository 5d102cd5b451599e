"""``moderation train``: its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.training.options import Manifests


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
    from workers.training.train import run_training

    run_training(
        manifests,
        output=output,
        checkpoints=checkpoints or output / "stages",
        preset=preset,
        initial_text=initial_text,
        seed=seed,
        speed=speed,
    )

"""``moderation train``: its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemas import Modality
from workers.training.options import Manifests


def train(
    manifests: Manifests,
    *,
    output: Annotated[Path, typer.Option(help="Folder that the model is written to.")] = Path(
        "runs/model"
    ),
    checkpoints: Annotated[
        Path | None,
        typer.Option(help="Folder of the stages, finished or under way. [OUTPUT/stages]"),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="Architecture and dimensions; a wrong name lists all. [compact]"),
    ] = None,
    start: Annotated[
        Path | None,
        typer.Option(help="A model folder to fine-tune, in place of a new model of the preset."),
    ] = None,
    initial_text: Annotated[
        Path | None,
        typer.Option(
            help="Folder of MiniLM-L6, to start the text encoder from. [its package, where that is "
            "installed and fits the preset]"
        ),
    ] = None,
    initial_image: Annotated[
        Path | None,
        typer.Option(
            help="File of EfficientNet-Lite0's weights, to start the image encoder from. [its "
            "package, where that is installed and fits the preset]"
        ),
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(help="YAML file of numbers, e.g. `text: {epochs: 5}`. [the preset's]"),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of every draw. [the recipe's]")] = None,
    speed: Annotated[
        float, typer.Option(help="Epochs and time limits are divided by this; for trying out.")
    ] = 1.0,
    threads: Annotated[
        int | None, typer.Option(help="Of the CPU, for one process. [the recipe's]")
    ] = None,
    device: Annotated[
        str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")
    ] = "auto",
    only: Annotated[
        list[Modality] | None,
        typer.Option(help="Train just this encoder, and write no model; may be given twice."),
    ] = None,
    curves: Annotated[
        bool,
        typer.Option(help="Draw the curves and write TensorBoard events into CHECKPOINTS."),
    ] = True,
) -> None:
    """Train a classifier: each encoder, then the fusion, then the calibration.

    Rows with `"split": "train"` teach, rows with `"split": "dev"` choose the best weights,
    calibrate and are measured. An interrupted run goes on when the same command is given again.
    `torchrun --nproc-per-node=N --no-python moderation train …` trains on N GPUs.
    What a model that is fine-tuned should not forget must be among the rows.
    """
    from workers.training.train import run_training

    run_training(
        manifests,
        output=output,
        checkpoints=checkpoints or output / "stages",
        preset=preset,
        start=start,
        initial_text=initial_text,
        initial_image=initial_image,
        numbers=recipe,
        seed=seed,
        speed=speed,
        threads=threads,
        device=device,
        only=only or [],
        curves=curves,
    )

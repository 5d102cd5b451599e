"""``moderation distil``, ``moderation quantise``, ``moderation prune``: their command lines."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from workers.training.options import Manifests

Output = Annotated[Path, typer.Option(help="Folder that the smaller model is written to.")]
Model = Annotated[Path, typer.Argument(help="A model folder.")]
Stages = Annotated[
    Path | None,
    typer.Option(help="Folder of what is under way, to go on from. [OUTPUT/stages]"),
]
Epochs = Annotated[int, typer.Option(min=1, help="Passes over the train rows.")]
Rate = Annotated[float, typer.Option(help="Learning rate at its peak.")]
Seed = Annotated[int, typer.Option(help="Of every draw.")]
DeviceName = Annotated[str, typer.Option(help="cpu, cuda, or auto: a GPU where there is one.")]
Minutes = Annotated[float, typer.Option(help="Limit of the teaching, whatever epochs are left.")]


def distil(
    teacher: Annotated[Path, typer.Argument(help="Folder of the model that is imitated.")],
    manifests: Manifests,
    *,
    output: Output,
    student_preset: Annotated[str, typer.Option(help="Dimensions of a fresh student.")] = "compact",
    student: Annotated[
        Path | None, typer.Option(help="A model folder to go on from, in place of a preset.")
    ] = None,
    checkpoints: Stages = None,
    epochs: Epochs = 3,
    learning_rate: Rate = 1e-4,
    minutes: Minutes = 240.0,
    seed: Seed = 7,
    device: DeviceName = "auto",
) -> None:
    """Teach a small model to answer as a large one does.

    Train rows need no labels; those that they have count too. Dev rows choose the best weights and
    calibrate.
    """
    from workers.training.small import Teaching, run_distillation

    run_distillation(
        teacher,
        manifests,
        output=output,
        student_preset=student_preset,
        student_folder=student,
        teaching=Teaching(
            checkpoints or output / "stages", epochs, learning_rate, minutes, seed, device
        ),
    )


def quantise(model: Model, *, output: Output) -> None:
    """Write a model with its matrices in int8: half the size of float16.

    On a CPU a worker computes in int8 with such a folder, about three times as fast as in fp32.
    """
    from workers.training.small import run_quantisation

    run_quantisation(model, output=output)


def prune(
    model: Model,
    *,
    output: Output,
    heads: Annotated[
        float, typer.Option(min=0, max=0.99, help="Share of the attention heads to take away.")
    ] = 0.25,
    feed_forward: Annotated[
        float, typer.Option(min=0, max=0.99, help="Share of the feed-forward units to take away.")
    ] = 0.25,
    manifest: Annotated[
        list[Path] | None,
        typer.Option(help="Posts: dev rows rank what leaves, train rows teach what stays."),
    ] = None,
    checkpoints: Stages = None,
    epochs: Epochs = 1,
    learning_rate: Rate = 5e-5,
    minutes: Minutes = 60.0,
    seed: Seed = 7,
    device: DeviceName = "auto",
) -> None:
    """Take heads and feed-forward units out of the text encoder, and write the smaller model.

    With a manifest they are ranked by what the loss depends on, and the rest is taught by the whole
    model to answer as it did; without one they are ranked by their weights, and that is all.
    """
    from workers.training.small import Teaching, run_pruning

    run_pruning(
        model,
        manifest or [],
        output=output,
        heads=heads,
        units=feed_forward,
        teaching=Teaching(
            checkpoints or output / "stages", epochs, learning_rate, minutes, seed, device
        ),
    )

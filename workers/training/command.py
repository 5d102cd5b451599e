"""The training commands: make a classifier, measure one, make one smaller.

A command's options stand in ``*_command.py`` and import its work when it is called, so that the
command line starts fast.
"""

from __future__ import annotations

import typer

from workers.training.dataset_command import dataset
from workers.training.decisions_command import make_app as make_decisions_app
from workers.training.evaluate_command import evaluate
from workers.training.small_command import distil, prune, quantise
from workers.training.train_command import train


def register(app: typer.Typer) -> None:
    """Add the commands of this folder."""
    app.command(name="train")(train)
    app.command(name="evaluate")(evaluate)
    app.command(name="dataset")(dataset)
    app.add_typer(make_decisions_app(), name="decisions")
    app.command(name="distil")(distil)
    app.command(name="quantise")(quantise)
    app.command(name="prune")(prune)

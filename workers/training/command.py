"""The training commands: make a classifier, and measure one.

A command's options stand in ``*_command.py`` and import its work when it is called, so that the
command line starts fast.
"""

from __future__ import annotations

import typer

from workers.training.evaluate_command import evaluate
from workers.training.train_command import train


def register(app: typer.Typer) -> None:
    """Add ``moderation train`` and ``moderation evaluate``."""
    app.command(name="train")(train)
    app.command(name="evaluate")(evaluate)

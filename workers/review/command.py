"""Command line of the review console."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the review console."""

"""Command line of the offline commands."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the offline commands."""

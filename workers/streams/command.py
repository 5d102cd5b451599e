"""Command line of the Kafka commands."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the Kafka commands."""

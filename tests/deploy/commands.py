"""Commands that manifests name."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from typer.core import TyperGroup

from workers.cli import build_app


def assert_command_exists(words: Sequence[str]) -> None:
    """``moderation`` has the command, word by word."""
    command = typer.main.get_command(build_app())
    for word in words:
        assert isinstance(command, TyperGroup), f"{command.name} has no commands of its own"
        assert word in command.commands
        command = command.commands[word]

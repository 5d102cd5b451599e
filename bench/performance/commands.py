"""The commands that work a backlog off: the worker itself, and its peers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from bench.performance.backlog import Command
from workers.settings import KafkaSettings

MODERATION: Final = (sys.executable, "-c", "from workers.cli import main; main()")
"""The command line of this very source, wherever another is installed."""

PEERS_PYTHON: Final = Path(".cache/bench-venv/bin/python")
"""Of an environment of its own (``make bench-setup``), so that no peer changes ours."""

MakeCommand = Callable[[KafkaSettings], Command]


def worker(copies: int = 1, **settings: object) -> MakeCommand:
    """``moderation worker`` with these settings beside the defaults.

    Words in pictures are not read: no peer and no forward pass does that.
    """
    given = {"http_port": 0, "read_pictures": "off", "log_level": "WARNING"} | settings
    environment = {f"MODERATION_WORKER_{name.upper()}": str(value) for name, value in given.items()}
    return lambda _kafka: Command((*MODERATION, "worker"), environment, copies)


def module(
    name: str, environment: Mapping[str, str] | None = None, *, python: str = sys.executable
) -> MakeCommand:
    """A module of this package, run as a program."""
    return lambda _kafka: Command((python, "-m", name), environment or {})

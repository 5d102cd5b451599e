"""The terminal, or what stands in for it: where lines go, and how a person ends a command."""

from __future__ import annotations

import signal
import sys
from typing import Final

from rich.console import Console

PIPE_COLUMNS: Final = 150
"""Width of a line where there is no terminal to ask: wide enough for every column."""


def make_console() -> Console:
    """A console on standard output; without colours and cursor movements when that is a pipe."""
    return Console(
        width=None if sys.stdout.isatty() else PIPE_COLUMNS, highlight=False, markup=False
    )


def terminate_like_interrupt() -> None:
    """Let SIGTERM end a command as Ctrl-C does, so that its children are stopped either way."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)

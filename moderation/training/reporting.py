"""Who hears how a stage goes."""

from __future__ import annotations

from typing import Protocol

from rich.progress import Progress


class Reporter(Protocol):
    """Hears how a stage goes."""

    def step(self, done: float, loss: float) -> None:
        """A share of 0..1 of the stage is done; the running loss."""

    def note(self, message: str) -> None:
        """Something worth a line."""


class ProgressReporter:
    """A bar of ``rich`` with the live loss."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress = progress
        self._name = name
        self._task = progress.add_task(name, total=1.0)

    def step(self, done: float, loss: float) -> None:
        """Move the bar."""
        text = f"{self._name}  loss {loss:.4f}"
        self._progress.update(self._task, completed=done, description=text)

    def note(self, message: str) -> None:
        """Print above the bar."""
        self._progress.console.print(f"{self._name}: {message}", highlight=False)


class SilentReporter:
    """Says nothing: for the processes of a run beside the first."""

    def step(self, done: float, loss: float) -> None:
        """Nothing."""

    def note(self, message: str) -> None:
        """Nothing."""

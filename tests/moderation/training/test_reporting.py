"""What a person sees of a stage."""

from __future__ import annotations

import io

from rich.console import Console
from rich.progress import Progress

from moderation.training import ProgressReporter


def test_the_bar_shows_the_share_that_is_done_and_the_live_loss() -> None:
    screen = io.StringIO()
    with Progress(console=Console(file=screen, width=100), auto_refresh=False) as progress:
        reporter = ProgressReporter(progress, "text")
        reporter.step(0.25, 0.70)
        reporter.step(0.5, 0.61)
        reporter.note("epoch 1 is done")
    (task,) = progress.tasks
    assert task.completed == 0.5
    assert task.description == "text  loss 0.6100"
    assert "text: epoch 1 is done" in screen.getvalue()
    assert "loss 0.6100" in screen.getvalue()

"""One training stage: AdamW, warm-up and decay, bf16 where it pays, progress that can be read."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Final, Protocol

import torch
from rich.progress import Progress
from torch import Tensor, nn

from moderation.training.recipe import StageRecipe

GRADIENT_NORM: Final = 1.0  # clipped above: a single odd batch must not undo the others
LOSS_MEMORY: Final = 0.98  # of the running loss on the progress bar


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
        self._progress.console.print(f"{self._name}: {message}")


def run_stage(
    recipe: StageRecipe,
    *,
    trained: Iterable[nn.Parameter],
    new: Iterable[nn.Parameter],
    batches: Callable[[int], list[Callable[[], Tensor]]],
    after_epoch: Callable[[int], str],
    reporter: Reporter,
) -> None:
    """Minimise a loss.

    Args:
        recipe: epochs, learning rate, limits.
        trained: parameters that come with knowledge, or all of them.
        new: parameters that start at random and learn faster.
        batches: the losses of an epoch, each to be computed when its turn comes.
        after_epoch: called with the number of the epoch; what it says is reported.
        reporter: hears of progress.
    """
    parameters = [*trained], [*new]
    optimizer = torch.optim.AdamW(
        [
            {"params": parameters[0], "peak": recipe.learning_rate},
            {"params": parameters[1], "peak": recipe.learning_rate * recipe.head_factor},
        ],
        lr=recipe.learning_rate,
        weight_decay=recipe.weight_decay,
        fused=True,
    )
    started, running = time.monotonic(), 0.0
    for epoch in range(recipe.epochs):
        steps = batches(epoch)
        for place, compute_loss in enumerate(steps):
            done = max(
                (epoch + place / len(steps)) / recipe.epochs,
                (time.monotonic() - started) / 60 / recipe.max_minutes,
            )
            if done >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * schedule(done, recipe.warmup)
            loss = compute_loss()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
            nn.utils.clip_grad_norm_(parameters[0] + parameters[1], GRADIENT_NORM)
            optimizer.step()
            value = loss.item()
            running = LOSS_MEMORY * running + (1 - LOSS_MEMORY) * value if running else value
            reporter.step(done, running)
        reporter.note(f"epoch {epoch + 1}, loss {running:.4f}, {after_epoch(epoch)}")
        if time.monotonic() - started >= recipe.max_minutes * 60:
            reporter.note(f"stopped at the limit of {recipe.max_minutes:g} minutes")
            break
    reporter.step(1.0, running)


def schedule(done: float, warmup: float) -> float:
    """Linear warm-up to 1, then linear decay to 0.

    Args:
        done: share of the stage, 0..1.
        warmup: share of the stage that warms up.
    """
    if done < warmup:
        return max(done, 1e-3) / warmup
    return (1 - done) / (1 - warmup)

"""What a run keeps on disk: each finished stage, and the one under way, so that it can go on."""

from __future__ import annotations

import dataclasses
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from moderation.training.errors import TrainingError

FINISHED: Final = ".safetensors"
UNDER_WAY: Final = ".partial.pt"


@dataclass(slots=True)
class Progress:
    """How far a stage is. Its draws are seeded by epoch and place, so these stand for the rng.

    Attributes:
        epoch: passes that are finished.
        place: batches of the epoch under way that are finished.
        step: batches of the stage that are finished.
        seconds: that it took, over all processes that worked on it.
        loss: running mean.
        best: the best dev figure so far.
        stale: epochs since then.
    """

    epoch: int = 0
    place: int = 0
    step: int = 0
    seconds: float = 0.0
    loss: float = 0.0
    best: float | None = None
    stale: int = 0
    ended: bool = False


class StageCheckpoint:
    """The file of a stage that is under way.

    Args:
        folder: of the run.
        stage: its name.
        fingerprint: of what the stage works on; a checkpoint of something else is refused.
    """

    def __init__(self, folder: Path, stage: str, fingerprint: str) -> None:
        self.path = folder / (stage + UNDER_WAY)
        self._fingerprint = fingerprint

    def save(self, progress: Progress, **states: Any) -> None:
        """Replace the file in one move, so that an interruption leaves the one before."""
        kept = {
            "fingerprint": self._fingerprint,
            "progress": dataclasses.asdict(progress),
            "states": states,
        }
        fresh = self.path.with_suffix(".new")
        torch.save(kept, fresh)
        fresh.replace(self.path)

    def load(self) -> tuple[Progress, dict[str, Any]] | None:
        """Progress and states as they were saved; None if there is no checkpoint.

        Raises:
            TrainingError: it is unreadable, or of something else.
        """
        if not self.path.is_file():
            return None
        try:
            kept = torch.load(self.path, map_location="cpu", weights_only=True)
            fingerprint, states = kept["fingerprint"], kept["states"]
            progress = Progress(**kept["progress"])
        except (OSError, RuntimeError, pickle.UnpicklingError, KeyError, TypeError) as error:
            raise TrainingError(
                f"{self.path} is no checkpoint of a stage ({error}); remove it to start the stage "
                "again"
            ) from error
        if fingerprint != self._fingerprint:
            raise TrainingError(
                f"{self.path} was written for {fingerprint}, and this run has {self._fingerprint}; "
                "remove it to start the stage again, or choose another folder"
            )
        return progress, states


def keep_finished(folder: Path, stage: str, module: nn.Module) -> None:
    """Write the weights of a finished stage; its checkpoint has done its duty and goes."""
    state: dict[str, Tensor] = {
        key: value.detach().cpu().contiguous() for key, value in module.state_dict().items()
    }
    fresh = folder / f"{stage}.new"
    save_file(state, fresh)
    fresh.replace(folder / (stage + FINISHED))
    (folder / (stage + UNDER_WAY)).unlink(missing_ok=True)


def take_up_finished(folder: Path, stage: str, module: nn.Module) -> Path | None:
    """Load the weights of a finished stage; the file they came from, or None if there is none.

    Raises:
        TrainingError: the file is of another model.
    """
    path = folder / (stage + FINISHED)
    if not path.is_file():
        return None
    try:
        module.load_state_dict(load_file(path))
    except (RuntimeError, SafetensorError) as error:
        raise TrainingError(
            f"{path} is of another model ({error}); remove it or choose another folder"
        ) from error
    return path

"""Where a stage's losses and figures go: the history, TensorBoard, and a picture of the curves.

TensorBoard and matplotlib come with the optional extra ``train``; without them the history is all.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moderation.training.history import History

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

BOARD_FOLDER: Final = "tensorboard"
EXTRA_MISSING: Final = (
    "no curves and no TensorBoard events, only history.jsonl: they need the extra 'train' "
    "(pip install 'moderation[train]')"
)


def curves_can_be_drawn() -> bool:
    """Whether matplotlib and TensorBoard are there."""
    return all(find_spec(name) is not None for name in ("matplotlib", "tensorboard"))


class Recorder:
    """Records one stage.

    Args:
        folder: of the run's checkpoints.
        stage: its name.
        step: at which it starts or goes on.
        curves: also write TensorBoard events and draw curves.
    """

    def __init__(self, folder: Path, stage: str, *, step: int, curves: bool) -> None:
        self._folder = folder
        self._history = History(folder, stage, step=step)
        self._board: SummaryWriter | None = None
        if curves:
            from torch.utils.tensorboard import SummaryWriter

            self._board = SummaryWriter(folder / BOARD_FOLDER / stage, purge_step=step or None)

    def write(self, *, step: int, **values: Any) -> None:
        """Record values at a step; a mapping's values go by their own names."""
        self._history.write(step=step, **values)
        if self._board is None:
            return
        for name, value in values.items():
            for tag, scalar in _scalars(name, value):
                self._board.add_scalar(tag, scalar, step)

    def close(self) -> None:
        """Flush, and draw the curves of all stages so far."""
        if self._board is not None:
            self._board.close()
            from moderation.training.curves import draw_curves

            draw_curves(self._folder)


def _scalars(name: str, value: Any) -> list[tuple[str, float]]:
    if isinstance(value, dict):
        return [(f"{name}/{key}", float(own)) for key, own in value.items()]
    return [] if value is None else [(name, float(value))]

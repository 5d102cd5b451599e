"""The history of a run as a picture: losses and dev figures over the steps, a row a stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from moderation.training.history import read_history

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CURVES_FILE: Final = "curves.png"
ROW_INCHES: Final = (10.0, 2.8)
DOTS_PER_INCH: Final = 110


def draw_curves(folder: Path) -> Path:
    """Draw the history in a folder, into :data:`CURVES_FILE` beside it. Needs matplotlib."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines = read_history(folder)
    stages = list(dict.fromkeys(line["stage"] for line in lines))
    width, height = ROW_INCHES
    figure = Figure((width, height * max(1, len(stages))), layout="constrained")
    FigureCanvasAgg(figure)
    for row, stage in enumerate(stages):
        own = [line for line in lines if line["stage"] == stage]
        loss = figure.add_subplot(len(stages), 2, 2 * row + 1)
        dev = figure.add_subplot(len(stages), 2, 2 * row + 2)
        _draw_losses(loss, stage, [line for line in own if "loss" in line])
        _draw_figures(dev, stage, [line for line in own if "dev" in line])
    path = folder / CURVES_FILE
    figure.savefig(path, dpi=DOTS_PER_INCH)
    return path


def _draw_losses(axes: Axes, stage: str, lines: list[dict[str, Any]]) -> None:
    steps = [line["step"] for line in lines]
    axes.set_title(f"{stage}: loss")
    axes.set_xlabel("step")
    for name in dict.fromkeys(name for line in lines for name in line["parts"]):
        axes.plot(steps, [line["parts"].get(name) for line in lines], linewidth=0.8, label=name)
    if lines:
        axes.legend(fontsize="small")


def _draw_figures(axes: Axes, stage: str, lines: list[dict[str, Any]]) -> None:
    steps = [line["step"] for line in lines]
    axes.set_title(f"{stage}: dev AUROC")
    axes.set_xlabel("step")
    for name in dict.fromkeys(name for line in lines for name in line["pairs"]):
        axes.plot(steps, [line["pairs"].get(name) for line in lines], linewidth=0.6, label=name)
    measured = [line for line in lines if line["dev"] is not None]
    if measured:
        mean = [line["dev"] for line in measured]
        axes.plot([line["step"] for line in measured], mean, "k-o", markersize=3, label="mean")
        axes.legend(fontsize="xx-small", ncols=2)

"""How the pictures look: one panel a category, little ink, the same colours everywhere."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from moderation.evaluation.extras import extra

DOTS_PER_INCH: Final = 150
PANEL_INCHES: Final = 2.9  # sides of a panel
MAX_COLUMNS: Final = 4  # then the picture fits a page's width

INK: Final = "#1f2933"
FAINT: Final = "#c3cad1"
BLUE: Final = "#1f5fa8"  # what a panel is about
ORANGE: Final = "#d1691e"  # what it is compared with; told apart by readers who see no red or green

STYLE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "font.family": "DejaVu Sans",  # comes with matplotlib
        "font.size": 9,
        "text.color": INK,
        "axes.edgecolor": FAINT,
        "axes.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "xtick.color": INK,
        "ytick.color": INK,
        "xtick.labelsize": 8,
        "ytick.labelsize": 8,
    }
)


def panels(names: Sequence[str], title: str) -> tuple[Any, Iterator[tuple[str, Any]]]:
    """A figure with a panel for each name.

    Returns:
        The figure, and each name with its axes.
    """
    columns = min(MAX_COLUMNS, len(names))
    rows = math.ceil(len(names) / columns)
    figure = extra("matplotlib.figure").Figure(
        figsize=(max(columns, 2) * PANEL_INCHES, rows * PANEL_INCHES + 0.5), layout="constrained"
    )
    figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for empty in axes[len(names) :]:
        empty.set_axis_off()
    return figure, zip(names, axes, strict=False)


def unit_square(axes: Any, name: str, across: str, up: str) -> None:
    """Both axes from 0 to 1, with a title and names."""
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), xlabel=across, ylabel=up, title=name)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_yticks([0, 0.5, 1], ["0", "0.5", "1"])
    axes.set_box_aspect(1)


def note(axes: Any, text: str) -> None:
    """Small figures at the bottom right, where good curves do not come."""
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
    place = {"transform": axes.transAxes, "ha": "right", "va": "bottom"}
    axes.text(0.97, 0.05, text, fontsize=8, linespacing=1.35, bbox=box, **place)


def head(axes: Any, text: str) -> None:
    """Small figures beside the title, for curves that may run through every corner."""
    axes.set_title(text, loc="right", fontsize=8, fontweight="normal")

"""The table of all contenders, as Markdown and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from bench.accuracy import TASKS
from bench.architectures.measured import COMPOSED_POSTS, DEV_AUROC, PROBE, Entry
from moderation.evaluation.extras import extra
from moderation.evaluation.pictures.style import DOTS_PER_INCH, INK, STYLE
from schemas import Modality

UNITS: Final = {Modality.TEXT: "texts/s", Modality.IMAGE: "pictures/s", Modality.AUDIO: "sounds/s"}
CELL_INCHES: Final = (0.75, 0.32)
MARGIN_INCHES: Final = (2.2, 2.2)
DARK: Final = 0.6  # shade from which on a cell is too dark for dark ink


def headings() -> dict[str, str]:
    """Names of the figures, with what they are, in order."""
    tasks = {task.name: f"{task.name}, {_plain(task.figure)}" for task in TASKS}
    return {
        **tasks,
        PROBE: f"{PROBE}, accuracy",
        COMPOSED_POSTS: f"{COMPOSED_POSTS}, accuracy",
        DEV_AUROC: DEV_AUROC,
    }


def markdown(entries: Sequence[Entry]) -> str:
    """A row a contender; the best of a column, within its group, is bold."""
    names = {name: said for name, said in headings().items() if _column(entries, name)}
    units = [m for m in Modality if any(m.value in entry.rates for entry in entries)]
    columns = ["", *names.values(), "parameters, M", *(UNITS[unit] for unit in units)]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for entry in entries:
        cells = [f"{entry.group}: `{entry.name}`"]
        cells += [_cell(entry, name, entries) for name in names]
        cells.append(f"{entry.parameters / 1e6:.1f}")
        cells += [
            f"{entry.rates[unit.value]:.0f}" if unit.value in entry.rates else "" for unit in units
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def draw(entries: Sequence[Entry], path: Path, title: str) -> None:
    """A heat table: a column's worst is white, its best is blue.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    names = [name for name in headings() if _column(entries, name)]
    shades = np.full((len(entries), len(names)), np.nan)
    for place, name in enumerate(names):
        own = _column(entries, name)
        low, spread = min(own), max(max(own) - min(own), 1e-9)
        for row, entry in enumerate(entries):
            if name in entry.figures:
                shades[row, place] = (entry.figures[name] - low) / spread
    width = len(names) * CELL_INCHES[0] + MARGIN_INCHES[0]
    height = len(entries) * CELL_INCHES[1] + MARGIN_INCHES[1]
    with extra("matplotlib").rc_context(STYLE):
        figure = extra("matplotlib.figure").Figure(figsize=(width, height), layout="constrained")
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        axes = figure.subplots()
        axes.imshow(np.ma.masked_invalid(shades), cmap="Blues", vmin=0, vmax=1, aspect="auto")
        for (row, place), shade in np.ndenumerate(shades):
            if not np.isnan(shade):
                said = f"{entries[row].figures[names[place]]:.3f}"
                ink = "white" if shade > DARK else INK
                axes.text(place, row, said, ha="center", va="center", color=ink, fontsize=8)
        titles = [headings()[name] for name in names]
        axes.set_xticks(range(len(names)), titles, rotation=40, ha="left")
        axes.set_yticks(range(len(entries)), [f"{e.group}: {e.name}" for e in entries])
        axes.tick_params(length=0, top=False, labeltop=True, labelbottom=False)
        axes.spines[:].set_visible(False)
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, dpi=DOTS_PER_INCH)


def _cell(entry: Entry, name: str, entries: Sequence[Entry]) -> str:
    if name not in entry.figures:
        return ""
    value = entry.figures[name]
    rivals = _column([other for other in entries if other.group == entry.group], name)
    said = f"{value:.3f}"
    return f"**{said}**" if min(rivals) < value == max(rivals) else said


def _column(entries: Sequence[Entry], name: str) -> list[float]:
    return [entry.figures[name] for entry in entries if name in entry.figures]


def _plain(figure: str) -> str:
    return {"macro_f1": "macro-F1", "f1": "F1", "auroc": "AUROC"}.get(figure, figure)

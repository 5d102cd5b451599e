"""What every benchmark ends with: a table, a file of results, and one line of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from bench.performance.machine import told
from bench.performance.spread import Spread, plain, rounded

RESULTS_DIR: Final = Path(__file__).parents[1] / "results"
"""Committed, so only of full runs."""

SMOKE_DIR: Final = Path("runs/bench")
"""Of runs with few posts, which only show that everything works."""

TABLE_WIDTH: Final = 140  # columns, wherever the output goes

Cell = str | int | float | Spread | None
Row = Mapping[str, Cell]


class Report:
    """Collects the rows and ratios of one benchmark.

    Args:
        name: of the benchmark and of its file.
        machine: as :func:`bench.performance.machine.describe_machine` gives it.
        small: whether this is a smoke run.
    """

    def __init__(self, name: str, machine: dict[str, Any], *, small: bool) -> None:
        self.name = name
        self.ratios: dict[str, float | bool | None] = {}
        self._machine = machine
        self._small = small
        self._tables: dict[str, list[Row]] = {}

    def add(self, table: str, row: Row) -> None:
        """One more row of a table; its keys are the columns."""
        self._tables.setdefault(table, []).append(row)

    def ratio(self, name: str, value: float | None, goal: float | None = None) -> None:
        """A ratio for the last line; with a goal, also whether it is met (``name_met``)."""
        self.ratios[name] = None if value is None else rounded(value)
        if goal is not None:
            self.ratios[f"{name}_met"] = None if value is None else value >= goal

    def finish(self) -> dict[str, float | bool | None]:
        """Print, write the file, print the last line; returns the ratios."""
        console = Console(width=TABLE_WIDTH, highlight=False)
        console.print(told(self._machine))
        for title, rows in self._tables.items():
            console.print(_table(title, rows))
        folder = SMOKE_DIR if self._small else RESULTS_DIR
        folder.mkdir(parents=True, exist_ok=True)
        written = {
            "benchmark": self.name,
            "small": self._small,
            "machine": self._machine,
            "ratios": self.ratios,
            "tables": {
                title: [_plain_row(row) for row in rows] for title, rows in self._tables.items()
            },
        }
        path = folder / f"{self.name}.json"
        path.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        console.print(f"written to {path}")
        print(json.dumps(self.ratios), flush=True)
        return self.ratios


def _table(title: str, rows: Sequence[Row]) -> Table:
    table = Table(title=title, title_justify="left")
    columns = list(dict.fromkeys(column for row in rows for column in row))
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    for row in rows:
        table.add_row(*(_shown(row.get(column)) for column in columns))
    return table


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    return plain(cell) if isinstance(cell, float) else str(cell)


def _plain_row(row: Row) -> dict[str, Any]:
    return {
        name: cell.to_json()
        if isinstance(cell, Spread)
        else rounded(cell)
        if isinstance(cell, float)
        else cell
        for name, cell in row.items()
    }

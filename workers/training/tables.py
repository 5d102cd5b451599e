"""Figures as tables on the terminal."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from moderation.evaluation import CategoryFigures, Report
from schemas import CATEGORIES

LONGEST_CATEGORY = max(len(category) for category in CATEGORIES)  # never cut on a narrow terminal


def print_report(console: Console, report: Report) -> None:
    """A table a slice."""
    console.print(f"{report.model}, {report.rows} rows")
    for name, categories in report.slices.items():
        table = Table(title=name, title_justify="left")
        table.add_column("category", no_wrap=True, min_width=LONGEST_CATEGORY)
        for heading in ("known", "pos.", *_COLUMNS):
            table.add_column(heading, justify="right")
        for category, figures in categories.items():
            table.add_row(category, str(figures.labelled), str(figures.positives), *_cells(figures))
        console.print(table)


_COLUMNS = {
    "prec.": "precision",
    "recall": "recall",
    "F1": "f1",
    "AUROC": "auroc",
    "AP": "average_precision",
    "ECE": "calibration_error",
}


def _cells(figures: CategoryFigures) -> list[str]:
    values = [getattr(figures, name) for name in _COLUMNS.values()]
    return ["–" if value is None else f"{value:.3f}" for value in values]

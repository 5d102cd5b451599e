"""Figures as tables on the terminal."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console, JustifyMethod
from rich.table import Table

from moderation.evaluation import CategoryFigures, Report
from schemas import CATEGORIES

LONGEST_CATEGORY = max(len(category) for category in CATEGORIES)  # never cut on a narrow terminal
NAMES = {"condition", "figure"}  # headings of columns of words
ALMOST_ONE = 0.995  # rounds to 1.00, which would be a digit wider than the rest

_COLUMNS = {
    "prec.": "precision",
    "recall": "recall",
    "F1": "f1",
    "acc.": "accuracy",
    "AUROC": "auroc",
    "AP": "average_precision",
    "ECE": "calibration_error",
}


def print_report(console: Console, report: Report) -> None:
    """A table a slice; of all rows with the 95 % interval under each figure."""
    console.print(f"{report.model}, {report.rows} rows")
    for name, categories in report.slices.items():
        averages = report.averages.get(name, {})
        with_intervals = name == next(iter(report.slices))
        table = new_table(name, "category", "known", "pos.", *_COLUMNS)
        for category, figures in categories.items():
            _add(table, category, figures, with_intervals=with_intervals)
        table.add_section()
        for average, figures in averages.items():
            _add(table, average, figures, with_intervals=with_intervals)
        console.print(table)


def new_table(title: str, first: str, *others: str) -> Table:
    """A table whose first column holds names and whose others, but `NAMES`, hold numbers.

    It has no lines between columns, so that a report fits a terminal of 80.
    """
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=0,
    )
    table.add_column(first, no_wrap=True, min_width=LONGEST_CATEGORY)
    for heading in others:
        justify: JustifyMethod = "left" if heading in NAMES else "right"
        table.add_column(heading, justify=justify, no_wrap=justify == "right")
    return table


def cell(value: float | None, ends: tuple[float, float] | None = None) -> str:
    """A figure of 0..1 with three digits; the ends of its interval below it."""
    if value is None:
        return "–"
    return f"{value:.3f}" + (f"\n[dim]{_short(ends[0])}–{_short(ends[1])}[/dim]" if ends else "")


def _add(table: Table, name: str, figures: CategoryFigures, *, with_intervals: bool) -> None:
    cells = [
        cell(getattr(figures, f), figures.intervals.get(f) if with_intervals else None)
        if figures.positives or f != "f1"
        else cell(None)  # its 0 would read as a failure where there is nothing to find
        for f in _COLUMNS.values()
    ]
    table.add_row(name, str(figures.labelled), str(figures.positives), *cells)


def _short(value: float) -> str:
    return "1.0" if value >= ALMOST_ONE else f"{value:.2f}".removeprefix("0")

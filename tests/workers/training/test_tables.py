"""Figures on a narrow terminal."""

from __future__ import annotations

import io

from rich.console import Console

from moderation.evaluation import CategoryFigures, Report
from schemas import CATEGORIES
from workers.training.tables import print_report

NARROW = 80  # columns of a terminal, and of a file that a report is written to

FIGURES = ("precision", "recall", "f1", "accuracy", "auroc", "average_precision")


def figures_of(category: str, value: float) -> CategoryFigures:
    values = dict.fromkeys((*FIGURES, "macro_f1", "calibration_error", "brier"), value)
    ends = dict.fromkeys((*FIGURES, "calibration_error"), (0.111, 0.999))
    labelled = 123_456 if category == "micro" else 23_456
    return CategoryFigures(labelled=labelled, positives=5_432, intervals=ends, **values)


def test_a_report_on_many_rows_is_whole_on_a_narrow_terminal() -> None:
    values = {name: 0.1 + place / 80 for place, name in enumerate((*CATEGORIES, "micro", "macro"))}
    whole = {name: figures_of(name, value) for name, value in values.items()}
    slices = {name: whole[name] for name in CATEGORIES}
    averages = {name: whole[name] for name in ("micro", "macro")}
    screen = io.StringIO()
    report = Report("compact@sha256:0", 123_456, {"all": slices}, {"all": averages})
    print_report(Console(file=screen, width=NARROW), report)
    lines = screen.getvalue().splitlines()
    assert max(len(line) for line in lines) <= NARROW
    for name, value in values.items():
        (line,) = (line for line in lines if line.startswith(name))
        assert line.split()[3:] == [f"{value:.3f}"] * 7
    assert sum(line.split() == [".11–1.0"] * 7 for line in lines) == len(values)

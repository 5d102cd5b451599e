"""What ``moderation evaluate`` can measure besides the report, as tables on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from rich.console import Console

from moderation.evaluation import (
    Condition,
    OverFlagging,
    Reliability,
    Retrieval,
    Spread,
)
from workers.training.tables import cell, new_table

_FOLDED: Final = MappingProxyType(
    {"F1": "f1", "acc.": "accuracy", "AUROC": "auroc", "AP": "average_precision"}
)
_COMPARED: Final = MappingProxyType({"F1": "f1", "acc.": "accuracy", "AUROC": "auroc"})


def print_parts(console: Console, parts: Mapping[str, Any]) -> None:
    """A table a part."""
    for name, part in parts.items():
        _PRINTERS[name](console, part)


def print_comparison(
    console: Console, versions: Mapping[str, str], comparison: Mapping[str, Any]
) -> None:
    """A row a category and figure: both models' means over the folds, and what tells them apart."""
    console.print(f"A is {versions['first']}, B is {versions['second']}")
    headings = ("figure", "A", "B", "B - A", "95 %", "p", "p corr.", "d")
    table = new_table("means over the folds; difference on all rows", "category", *headings)
    for name, figures in comparison.items():
        shown = [heading for heading, figure in _COMPARED.items() if figure in figures]
        for heading in shown:
            first = name if heading == shown[0] else ""
            table.add_row(first, heading, *_compared(figures[_COMPARED[heading]]))
        table.add_section()
    console.print(table)
    console.print(
        "[dim]p: paired t-test over the folds; p corr.: Nadeau and Bengio, for models trained anew "
        "for each fold; d: Cohen's.[/dim]"
    )


def _compared(found: Mapping[str, Any]) -> list[str]:
    test, whole = found["folds"], found["all_rows"]
    values = [cell(found[side].mean) for side in ("first", "second")]
    interval = f"{whole.low:+.3f} {whole.high:+.3f}"
    if test is None or test.p is None:
        return [*values, f"{whole.difference:+.3f}", interval, "–", "–", "–"]
    tested = [f"{test.p:.2g}", f"{test.corrected_p:.2g}", f"{test.cohens_d:.2f}"]
    return [*values, f"{whole.difference:+.3f}", interval, *tested]


def _print_folds(console: Console, folds: Mapping[str, Mapping[str, Spread]]) -> None:
    table = new_table("folds: mean ± standard deviation", "category", *_FOLDED)
    for name, figures in folds.items():
        table.add_row(name, *(_spread(figures[figure]) for figure in _FOLDED.values()))
    console.print(table)


def _spread(found: Spread) -> str:
    if found.mean is None:
        return "–"
    return f"{found.mean:.3f}" + ("" if found.deviation is None else f" ± {found.deviation:.3f}")


def _print_reliability(console: Console, found: Mapping[str, Reliability]) -> None:
    headings = ("ECE, equal width", "ECE, equal mass", "Brier")
    table = new_table("reliability", "category", *headings)
    for name, each in found.items():
        error = each.calibration_error
        table.add_row(name, cell(error["width"]), cell(error["mass"]), cell(each.brier))
    console.print(table)


def _print_retrieval(console: Console, found: Mapping[str, Retrieval]) -> None:
    if not found:
        console.print("retrieval: fewer than two posts with the same modalities, or no joint space")
        return
    table = new_table("retrieval", "", "pairs", "Acc@1", "chance", "MRR", "pair AUROC")
    for name, each in found.items():
        table.add_row(
            name,
            str(each.pairs),
            cell(each.accuracy_at_1, (each.accuracy_low, each.accuracy_high)),
            cell(each.chance),
            cell(each.mean_reciprocal_rank, (each.reciprocal_low, each.reciprocal_high)),
            cell(each.pair_auroc),
        )
    console.print(table)


def _print_over_flagging(console: Console, found: OverFlagging) -> None:
    table = new_table(f"over-flagging of {found.posts} harmless posts", "category", "share")
    for name, share in found.by_category.items():
        table.add_row(name, f"{share:.1%}")
    table.add_section()
    table.add_row("any", f"{found.share:.1%} ({found.low:.1%} – {found.high:.1%})")
    console.print(table)


def _print_robustness(console: Console, found: list[Condition]) -> None:
    headings = ("condition", "rows", "F1", "change", "AUROC", "change")
    table = new_table("robustness, macro averages", "posts of", *headings)
    of = ""
    for condition in found:
        if of not in ("", condition.of):
            table.add_section()
        macro = condition.figures.get("macro")
        table.add_row(
            "" if condition.of == of else condition.of,
            condition.name,
            str(condition.rows),
            cell(macro.f1 if macro else None),
            _change(condition, condition.f1_drop),
            cell(macro.auroc if macro else None),
            _change(condition, condition.auroc_drop),
        )
        of = condition.of
    console.print(table)


def _change(condition: Condition, value: float | None) -> str:
    if condition.name == "as they are":
        return ""
    return "–" if value is None else f"{0 - value:+.3f}"


def _print_pictures(console: Console, paths: list[Path]) -> None:
    console.print("pictures: " + ", ".join(map(str, paths)))


_PRINTERS: Final[Mapping[str, Callable[[Console, Any], None]]] = MappingProxyType(
    {
        "reliability": _print_reliability,
        "folds": _print_folds,
        "retrieval": _print_retrieval,
        "over_flagging": _print_over_flagging,
        "robustness": _print_robustness,
        "pictures": _print_pictures,
    }
)

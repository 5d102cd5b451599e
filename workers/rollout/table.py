"""A roll-out on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from schemas import ModelRollout
from workers.rollout.figures import Figures
from workers.rollout.stages import percent, told


def show(rollout: ModelRollout | None, figures: Figures, hindrances: Sequence[str]) -> None:
    """Print who judges what, how the two compare, and what speaks against the next stage."""
    if rollout is None:
        typer.echo("the workers' own model judges all posts; nobody has asked for another")
        return
    typer.echo(f"{told(rollout)}\nasked for by {rollout.by} at {rollout.at:%Y-%m-%d %H:%M:%S} UTC")
    if rollout.candidate is None:
        return
    console = Console()
    for table in (_workers(figures), _posts(figures), _actions(figures), _categories(figures)):
        if table.row_count:
            console.print(table)
    for one in hindrances:
        console.print(f"[yellow]![/] {escape(one)}", soft_wrap=True, highlight=False)
    if not hindrances:
        console.print("[green]nothing speaks against `moderation rollout promote`[/]")


def _workers(figures: Figures) -> Table:
    table = Table("worker", "candidate")
    for address, version in figures.candidates.items():
        table.add_row(escape(address), escape(version) or "[yellow]none yet[/]")
    return table


def _posts(figures: Figures) -> Table:
    table = Table("drawn for comparison", "posts")
    if not figures.candidates:
        return table
    table.add_row("compared", f"{figures.compared:,}")
    for what, posts in (
        ("a model failed", figures.failed),
        ("dropped: too many waited", figures.dropped),
    ):
        table.add_row(what, f"{posts:,}", style="yellow" if posts else None)
    return table


def _actions(figures: Figures) -> Table:
    table = Table("live model's action", "candidate's", "posts", "share")
    rows = figures.as_json()["actions"]
    for row in rows:
        share = percent(round(row["posts"] / figures.compared, 4)) if figures.compared else ""
        style = None if row["live"] == row["candidate"] else "yellow"
        table.add_row(row["live"], row["candidate"], f"{row['posts']:,}", share, style=style)
    return table


def _categories(figures: Figures) -> Table:
    table = Table("category", "same threshold", "mean difference")
    for name, one in sorted(figures.categories.items()):
        table.add_row(name, percent(round(one.agrees, 4)), f"{one.mean_difference:.3f}")
    return table

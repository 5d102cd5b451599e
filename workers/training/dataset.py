"""The wiring of ``moderation dataset``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from moderation.evaluation import write_manifest
from moderation.training.datasets import SETS, build_dataset
from workers.training.terminal import plain_errors, read_rows


def list_datasets() -> None:
    """Print where every set comes from."""
    table = Table(title="public sets", title_justify="left")
    for heading in ("set", "repository at commit", "licence", "labels"):
        table.add_column(heading, overflow="fold")
    for name, public in SETS.items():
        source = f"github.com/{public.repository} {public.commit}"
        table.add_row(name, source, public.licence, public.labels)
    Console().print(table)


def write_dataset(name: str, folder: Path, *, output: Path, without: Sequence[Path]) -> None:
    """Build, write, and say what became of the posts."""
    console = Console(stderr=True)
    with plain_errors(console):
        built = build_dataset(name, folder, media=output.parent / name, without=read_rows(without))
        write_manifest(output, built.rows)
    splits = Counter(row.split for row in built.rows)
    labels = Counter((key, value) for row in built.rows for key, value in row.labels.items())
    console.print(
        f"{len(built.rows)} rows written to {output}: "
        + ", ".join(f"{split} {count}" for split, count in sorted(splits.items())),
        highlight=False,
    )
    for key in sorted({key for key, _ in labels}):
        console.print(f"{key}: {labels[key, 1]} positive, {labels[key, 0]} negative")
    for reason, count in built.left_out.items():
        console.print(f"left out, {reason}: {count}", highlight=False)

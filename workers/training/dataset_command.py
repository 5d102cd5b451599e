"""``moderation dataset``: its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def dataset(
    name: Annotated[str, typer.Argument(help="A public set; `list` names them all.")],
    folder: Annotated[Path | None, typer.Argument(help="A clone of the set's repository.")] = None,
    *,
    output: Annotated[
        Path | None,
        typer.Option(help="Manifest to write, .jsonl or .jsonl.gz; media go to NAME beside it."),
    ] = None,
    without: Annotated[
        list[Path] | None,
        typer.Option(help="A manifest whose texts must not come up again, such as a test set."),
    ] = None,
) -> None:
    """Rebuild training rows from a clone of a public repository.

    Texts are cleaned, people's names masked, copies merged, and what sexualises minors is dropped
    unseen. `moderation dataset list` says where each set comes from and on which terms.
    """
    from workers.training.dataset import list_datasets, write_dataset

    if name == "list":
        list_datasets()
        return
    if folder is None or output is None:
        raise typer.BadParameter(f"give the folder of a clone of {name} and --output MANIFEST")
    write_dataset(name, folder, output=output, without=without or [])

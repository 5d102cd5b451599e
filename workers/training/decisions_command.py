"""``moderation decisions``: its command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def make_app() -> typer.Typer:
    """The group of commands about reviewers' decisions."""
    app = typer.Typer(no_args_is_help=True, help="What reviewers decided, as training data.")
    app.command("manifest")(manifest)
    app.callback()(_group)
    return app


def _group() -> None:
    """What reviewers decided, as training data."""


def manifest(
    output: Annotated[Path, typer.Argument(help="Manifest to write, .jsonl or .jsonl.gz.")],
    *,
    dump: Annotated[
        list[Path] | None,
        typer.Option(
            help="A file of records, one JSON object a line: decisions, escalations, posts, "
            "verdicts. Read instead of the topics; repeatable."
        ),
    ] = None,
    media_root: Annotated[
        Path | None, typer.Option(help="Folder that media keys are relative to.")
    ] = None,
    media_host: Annotated[
        list[str] | None, typer.Option(help="Host that media may be fetched from; repeatable.")
    ] = None,
) -> None:
    """Write a manifest of the posts that reviewers decided, to fine-tune a model on.

    A category that the reviewer chose is 1; one that the machine flagged and the reviewer did not
    choose is 0; all others stay unknown. Pictures and sounds are written beside the manifest.
    """
    from workers.training.decisions import write_decisions

    write_decisions(output, dumps=dump or [], media_root=media_root, media_hosts=media_host or [])

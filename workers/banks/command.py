"""``moderation banks``: add to banks, look things up, exchange hashes, see what they hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

BankPath: TypeAlias = Annotated[Path, typer.Argument(help="Folder of one bank.")]
BanksPath: TypeAlias = Annotated[Path, typer.Argument(help="Folder that holds the banks.")]
Text: TypeAlias = Annotated[str | None, typer.Option(help="A text.")]
Image: TypeAlias = Annotated[Path | None, typer.Option(help="A picture file.")]
Audio: TypeAlias = Annotated[Path | None, typer.Option(help="A sound file.")]
Model: TypeAlias = Annotated[
    Path | None,
    typer.Option(help="Folder of the model for banks of vectors; the shipped one otherwise."),
]
Kind: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Make the bank first, of this kind: text, near_text, image, pdq, audio, embedding."
    ),
]
By: TypeAlias = Annotated[str, typer.Option(help="Who says so.")]


def register(app: typer.Typer) -> None:
    """Add ``moderation banks`` with its commands."""
    banks = typer.Typer(no_args_is_help=True, help="Look after the banks of known content.")
    for name, command in (
        ("add", add),
        ("match", match),
        ("import", import_list),
        ("compact", compact),
        ("export", export_list),
        ("judge", judge),
        ("trust", trust),
        ("stats", stats),
    ):
        banks.command(name)(command)
    app.add_typer(banks, name="banks")


def add(  # noqa: PLR0917 - typer calls it by names alone
    bank: BankPath,
    entry: Annotated[str, typer.Option(help="The entry's id.")],
    text: Text = None,
    image: Image = None,
    audio: Audio = None,
    kind: Kind = None,
    model: Model = None,
) -> None:
    """Add a text, a picture (with its turned and mirrored forms) or a sound to a bank.

    A bank of kind `embedding` takes all that is given as one post.
    """
    from workers.banks import work
    from workers.banks.content import Content

    content = Content(text, image, audio)
    work.run(lambda: work.add(bank, entry, content, kind=kind, model=model))


def match(
    banks: BanksPath,
    text: Text = None,
    image: Image = None,
    audio: Audio = None,
    model: Model = None,
) -> None:
    """Look a text, a picture or a sound up in all banks; prints a JSON line for each match."""
    from workers.banks import work
    from workers.banks.content import Content

    work.run(lambda: work.match(banks, Content(text, image, audio), model=model))


def import_list(
    bank: BankPath,
    source: Annotated[Path, typer.Argument(help="List of hashes: .csv, .txt or .json.")],
    kind: Kind = None,
    compact: Annotated[bool, typer.Option(help="Fold all additions into the base.")] = True,
) -> None:
    """Take a list of hashes into a bank; what does not fit is counted."""
    from workers.banks import work

    work.run(lambda: work.import_list(bank, source, kind=kind, fold=compact))


def compact(bank: BankPath) -> None:
    """Fold what was added since into the base, which loads faster."""
    from workers.banks import work

    work.run(lambda: work.fold(bank))


def export_list(
    bank: BankPath,
    target: Annotated[Path, typer.Argument(help="File to write: .csv or .json.")],
) -> None:
    """Write a bank's entries as a list that other platforms read."""
    from workers.banks import work

    work.run(lambda: work.export_list(bank, target))


def judge(
    bank: BankPath,
    entry: Annotated[str, typer.Argument(help="The entry's id.")],
    by: By,
    confirm: Annotated[
        bool | None, typer.Option("--confirm/--deny", help="Right, or wrong.")
    ] = None,
) -> None:
    """Confirm an entry (it leaves quarantine) or deny it (it matches no more).

    It stands against whatever reviewers said before.
    """
    from workers.banks import work

    work.run(lambda: work.judge(bank, entry, confirm=confirm, by=by))


def trust(bank: BankPath, by: By) -> None:
    """Free a bank from the doubt that reviewers' denials brought, after it was mended."""
    from workers.banks import work

    work.run(lambda: work.trust(bank, by=by))


def stats(banks: BanksPath) -> None:
    """Print what each bank holds, its version and its age, a JSON line each."""
    from workers.banks import work

    work.run(lambda: work.stats(banks))

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
        ("stats", stats),
    ):
        banks.command(name)(command)
    app.add_typer(banks, name="banks")


def add(  # noqa: PLR0917 (typer calls it by name)
    bank: BankPath,
    entry: Annotated[str, typer.Option(help="The entry's id.")],
    text: Text = None,
    image: Image = None,
    audio: Audio = None,
    kind: Annotated[str | None, typer.Option(help="Make the bank first, of this kind.")] = None,
) -> None:
    """Add a text, a picture (with its turned and mirrored forms) or a sound to a bank."""
    from workers.banks import work

    work.run(lambda: work.add(bank, entry, text=text, image=image, audio=audio, kind=kind))


def match(banks: BanksPath, text: Text = None, image: Image = None, audio: Audio = None) -> None:
    """Look a text, a picture or a sound up in all banks; prints a JSON line for each match."""
    from workers.banks import work

    work.run(lambda: work.match(banks, text=text, image=image, audio=audio))


def import_list(
    bank: BankPath,
    source: Annotated[Path, typer.Argument(help="List of hashes: .csv, .txt or .json.")],
    compact: Annotated[bool, typer.Option(help="Fold all changes into the base.")] = True,
) -> None:
    """Take a list of hashes into a bank; what does not fit is counted."""
    from workers.banks import work

    work.run(lambda: work.import_list(bank, source, fold=compact))


def compact(bank: BankPath) -> None:
    """Fold what was added and denied since into the base, which loads faster."""
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
    confirm: Annotated[bool, typer.Option("--confirm/--deny", help="Right, or wrong.")],
    by: Annotated[str, typer.Option(help="Who judged.")],
) -> None:
    """Confirm an entry (it leaves quarantine) or deny it (it matches no more)."""
    from workers.banks import work

    work.run(lambda: work.judge(bank, entry, confirm=confirm, by=by))


def stats(banks: BanksPath) -> None:
    """Print what each bank holds, its version and its age, a JSON line each."""
    from workers.banks import work

    work.run(lambda: work.stats(banks))

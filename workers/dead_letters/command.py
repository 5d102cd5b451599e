"""``moderation dead-letters list | show | replay``: records that could not become a verdict."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from schemas import ErrorClass

if TYPE_CHECKING:
    from workers.dead_letters.letters import Choice, StoredLetter

Class: TypeAlias = Annotated[
    ErrorClass | None, typer.Option("--class", help="Only those that failed in this way.")
]
Since: TypeAlias = Annotated[
    datetime | None, typer.Option(help="Only those set aside since this moment (UTC).")
]

PREVIEW_CHARACTERS = 400


def register(app: typer.Typer) -> None:
    """Add ``moderation dead-letters`` with its commands."""
    letters = typer.Typer(no_args_is_help=True, help="Records that could not become a verdict.")
    letters.command("list")(list_)
    letters.command("show")(show)
    letters.command("replay")(replay)
    app.add_typer(letters, name="dead-letters")


def list_(
    error_class: Class = None,
    since: Since = None,
    last: Annotated[int, typer.Option(min=1, help="At most so many, the latest.")] = 100,
) -> None:
    """List what was set aside and why. Authors and personal data are masked."""
    from rich.console import Console
    from rich.table import Table

    letters = _read(_choice((), error_class, since))
    table = Table("id", "set aside", "class", "came from", "key", "bytes", "reason")
    for stored in letters[-last:]:
        letter = stored.letter
        when = letter.failed_at.isoformat(timespec="seconds")
        size = str(len(letter.value))
        table.add_row(
            stored.id, when, letter.error_class, stored.origin, stored.key, size, stored.reason
        )
    # What was set aside is a stranger's: `[mail address]` stays, and no `[/x]` is a command.
    Console(markup=False, emoji=False, highlight=False).print(table)
    typer.echo(f"{len(letters)} dead letters, the latest {min(last, len(letters))} shown")


def show(
    letter_id: Annotated[str, typer.Argument(help="As `list` shows it, like 0:17.")],
    raw: Annotated[
        bool,
        typer.Option("--bytes", help="Write the original bytes, and nothing else: unmasked."),
    ] = False,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="With --bytes: a file for them.")
    ] = None,
) -> None:
    """Show one dead letter. What it holds is masked, unless `--bytes` asks for the original."""
    (stored,) = _read(_choice((letter_id,), None, None))
    letter = stored.letter
    if raw and output is not None:
        output.write_bytes(letter.value)
        typer.echo(f"{len(letter.value)} bytes written to {output}")
        return
    if raw:
        sys.stdout.buffer.write(letter.value)
        return
    rows = (
        ("id", stored.id),
        ("set aside", letter.failed_at.isoformat(timespec="seconds")),
        ("class", letter.error_class),
        ("reason", stored.reason),
        ("came from", stored.origin),
        ("produced", letter.timestamp.isoformat(timespec="seconds")),
        ("key", stored.key),
        ("headers", stored.headers),
        ("bytes", str(len(letter.value))),
        ("begins", stored.preview(PREVIEW_CHARACTERS)),
    )
    for name, value in rows:
        typer.echo(f"{name:<10}{value}")


def replay(
    letter_ids: Annotated[
        list[str] | None, typer.Argument(help="As `list` shows them, like 0:17 0:18.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All that the options choose.")] = False,
    error_class: Class = None,
    since: Since = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how many.")] = False,
) -> None:
    """Send records to `posts` again, exactly as they came, once their cause is mended."""
    import asyncio

    from workers.dead_letters.replay import replay as send_again
    from workers.settings import KafkaSettings

    if bool(letter_ids) == every:
        raise typer.BadParameter("name the letters, or say --all")
    letters = _read(_choice(letter_ids or (), error_class, since))
    if dry_run:
        typer.echo(f"{len(letters)} records would be sent again")
        return
    with _failing_in_words():
        asyncio.run(send_again(KafkaSettings(), letters))
    typer.echo(f"{len(letters)} records sent again")


def _choice(ids: Sequence[str], error_class: ErrorClass | None, since: datetime | None) -> Choice:
    from workers.dead_letters.letters import Choice

    moment = since if since is None or since.tzinfo else since.replace(tzinfo=UTC)
    return Choice(ids=frozenset(ids), error_class=error_class, since=moment)


def _read(choice: Choice) -> list[StoredLetter]:
    import asyncio

    from workers.dead_letters.letters import read_letters
    from workers.settings import KafkaSettings

    with _failing_in_words():
        return asyncio.run(read_letters(KafkaSettings(), choice))


@contextmanager
def _failing_in_words() -> Iterator[None]:
    from workers.dead_letters.errors import DeadLettersError
    from workers.streams import StreamsError

    try:
        yield
    except (DeadLettersError, StreamsError) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from None

"""``moderation status``: every process, its versions, what waits, and what is wrong."""

from __future__ import annotations

from typing import Annotated, Final

import typer

LOCAL: Final = ("127.0.0.1:9101", "127.0.0.1:9102", "127.0.0.1:8080")
"""Worker, ledger and console with their default settings."""

SOMETHING_IS_WRONG: Final = 1
NOBODY_ANSWERS: Final = 2
"""Exit codes."""


def register(app: typer.Typer) -> None:
    """Add ``moderation status``."""
    app.command("status")(status)


def status(
    addresses: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[ADDRESS]...",
            help="host:port of each process; those of this machine if left out.",
            envvar="MODERATION_STATUS_ADDRESSES",
        ),
    ] = None,
    *,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object only.")] = False,
    timeout: Annotated[float, typer.Option(min=0.1, help="Seconds to wait for a process.")] = 5.0,
) -> None:
    """Show workers, ledger and console: versions, lag, quotas, banks, and what is wrong.

    The exit code is 0 when nothing is, 1 when something is, 2 when no process answers.
    """
    import asyncio

    from workers.fleet.reading import ask_all
    from workers.fleet.state import as_json, fleet
    from workers.fleet.table import show

    found = fleet(asyncio.run(ask_all(addresses or LOCAL, seconds=timeout)))
    if json:
        import json as encoder

        typer.echo(encoder.dumps(as_json(found)))
    else:
        show(found)
    if not found.reached:
        raise typer.Exit(NOBODY_ANSWERS)
    if found.warnings:
        raise typer.Exit(SOMETHING_IS_WRONG)

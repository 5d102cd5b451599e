"""The command line: ``moderation COMMAND``. Each process registers its own commands.

Command modules import what is heavy (torch, Faust, FastAPI) only when a command is called, so that
``moderation --help`` answers at once.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated

import typer

from workers.banks.command import register as register_banks
from workers.dead_letters.command import register as register_dead_letters
from workers.demo.command import register as register_demo
from workers.fleet.command import register as register_fleet
from workers.ledger.command import register as register_ledger
from workers.moderator.command import register as register_moderator
from workers.offline.command import register as register_offline
from workers.planning.command import register as register_planning
from workers.policy.command import register as register_policy
from workers.review.command import register as register_review
from workers.rollout.command import register as register_rollout
from workers.streams.command import register as register_streams
from workers.training.command import register as register_training


def build_app() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="moderation",
        no_args_is_help=True,
        pretty_exceptions_show_locals=False,
        rich_markup_mode="markdown",
    )
    app.callback()(_options)
    for register in (
        register_moderator,
        register_ledger,
        register_review,
        register_streams,
        register_dead_letters,
        register_demo,
        register_offline,
        register_policy,
        register_rollout,
        register_banks,
        register_training,
        register_planning,
        register_fleet,
    ):
        register(app)
    return app


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("moderation"))
        raise typer.Exit


def _options(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", callback=_print_version, is_eager=True
        ),
    ] = False,
) -> None:
    """A content-moderation stream processor: posts in by Kafka, verdicts out."""
    del show_version


def main() -> None:
    """Entry point of the console script."""
    build_app()()

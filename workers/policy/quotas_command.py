"""``moderation rules quotas`` and ``reset``: where quotas stand, and how they are opened again."""

from __future__ import annotations

from typing import Annotated

import typer

ByOption = Annotated[
    str,
    typer.Option(envvar="USER", help="Who resets, for the record; the login name when left out."),
]


def register(rules: typer.Typer) -> None:
    """Add the commands."""
    rules.command("quotas")(quotas)
    rules.command("reset")(reset)


def quotas(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False
) -> None:
    """Show every quota that workers share: what is used and left, by worker, and what tripped.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.policy.quotas import as_lines, as_table, read_or_exit

    standings = read_or_exit()
    typer.echo(as_lines(standings) if as_json else as_table(standings))


def reset(
    rule: Annotated[
        str | None,
        typer.Argument(help="A rule's id, or brakes.removal_quota; not needed with --all."),
    ] = None,
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Reset every quota that is tripped.")
    ] = False,
    by: ByOption = "operator",
) -> None:
    """Open a rule's quota again, full; workers obey within a second.

    Find out first why it was used up: what the rule moves is not looked at by people from now on.

    Settings: MODERATION_KAFKA_*.
    """
    from workers.policy.quotas import reset_or_exit

    typer.echo(reset_or_exit(rule, every=every, by=by))

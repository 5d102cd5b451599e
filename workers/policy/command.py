"""``moderation rules``: check a policy, run its cases, list what conditions can name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

_DEFAULT_HELP = "A policy file; the one that ships when left out."

PolicyPath: TypeAlias = Annotated[Path | None, typer.Argument(help=_DEFAULT_HELP)]


def register(app: typer.Typer) -> None:
    """Add ``moderation rules check``, ``test`` and ``facts``."""
    rules = typer.Typer(no_args_is_help=True, help="Check and test policies.")
    rules.command("check")(check)
    rules.command("test")(run_cases)
    rules.command("facts")(list_facts)
    app.add_typer(rules, name="rules")


def check(path: PolicyPath = None) -> None:
    """Check a policy: structure, names, types of every condition, and its lists.

    Prints the version and what the policy holds. Mistakes go to standard error as a compiler
    tells them, with exit code 1.
    """
    from workers.policy.report import load_or_exit, summary

    typer.echo(summary(load_or_exit(path)))


def run_cases(path: PolicyPath = None) -> None:
    """Run the cases that lie beside a policy, in ``NAME.cases.yaml``.

    Exit code 1 when a case fails, or when there are none.
    """
    from workers.policy.report import load_or_exit, report_cases

    failed, line = report_cases(load_or_exit(path))
    typer.echo(line, err=failed)
    if failed:
        raise typer.Exit(1)


def list_facts(path: PolicyPath = None) -> None:
    """List every fact that the conditions of a policy can name, with its type."""
    from workers.policy.report import fact_table, load_or_exit

    typer.echo(fact_table(load_or_exit(path)))

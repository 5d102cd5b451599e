"""``moderation rules``: check, test, explain, format, compare and publish policies."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from workers.policy.backtest.command import register as register_backtest
from workers.policy.quotas_command import register as register_quotas

_DEFAULT_HELP = "A policy file; the one that ships when left out."

PolicyPath: TypeAlias = Annotated[Path | None, typer.Argument(help=_DEFAULT_HELP)]


def register(app: typer.Typer) -> None:
    """Add ``moderation rules`` with its commands."""
    rules = typer.Typer(no_args_is_help=True, help="Check, test, explain and compare policies.")
    rules.command("check")(check)
    rules.command("test")(run_cases)
    rules.command("facts")(list_facts)
    rules.command("explain")(explain)
    rules.command("fmt")(lay_out)
    register_backtest(rules)
    rules.command("publish")(publish)
    rules.command("rollback")(rollback)
    register_quotas(rules)
    rules.command("schema")(print_schema)
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
    """List every fact and function that the conditions of a policy can use, with its type."""
    from workers.policy.report import fact_table, function_table, load_or_exit

    policy = load_or_exit(path)
    typer.echo(f"{fact_table(policy)}\n\n{function_table(policy)}")


def explain(
    path: PolicyPath = None,
    case: Annotated[
        str | None, typer.Option(help="One of the policy's own cases, by name.")
    ] = None,
    record: Annotated[
        Path | None, typer.Option(help="A file of recorded posts, a JSON line each.")
    ] = None,
    post: Annotated[
        str | None, typer.Option(help="The id of the post in the file; the first when left out.")
    ] = None,
) -> None:
    """Say how the decision on one post comes about: what the model said, and what moved it."""
    from workers.policy.explain import explained
    from workers.policy.report import load_or_exit

    typer.echo(explained(load_or_exit(path), case=case, record=record, post_id=post))


def lay_out(
    path: Annotated[Path, typer.Argument(help="A policy file, or a file of cases.")],
    *,
    check_only: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 1 when something would.")
    ] = False,
) -> None:
    """Lay a file out in the one way: ends of lines, empty lines, white space. Comments stay."""
    from rules import PolicyError, formatted
    from workers.policy.report import exit_with

    try:
        text = formatted(path)
    except PolicyError as error:
        raise exit_with(error) from error
    if text.encode() == path.read_bytes():
        typer.echo(f"{path} is laid out")
    elif check_only:
        typer.echo(f"{path} would change; run moderation rules fmt {path}", err=True)
        raise typer.Exit(1)
    else:
        path.write_bytes(text.encode())
        typer.echo(f"{path} laid out")


def publish(
    path: Annotated[Path, typer.Argument(help="A policy file, or a folder with one policy.")],
) -> None:
    """Put a policy on the topic `policies`: the workers that follow it switch to it.

    Its lists and its cases go with it. One that cannot be used, has no cases or fails one is not
    published. To go back, call `rollback`, or publish the older file.
    """
    from workers.policy.publish import published

    typer.echo(published(path))


def rollback(
    name: Annotated[str, typer.Argument(help="The policy's name, which its versions share.")],
) -> None:
    """Put the policy that was published before the present one in force again.

    A second call undoes the first.
    """
    from workers.policy.publish import taken_back

    typer.echo(taken_back(name))


def print_schema() -> None:
    """Print the JSON Schema of policy files, for editors."""
    from rules import policy_schema

    typer.echo(policy_schema(), nl=False)

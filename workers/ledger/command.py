"""Command line of the ledger: ``moderation ledger``, and what its audit sample says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from workers.ledger.accuracy import AuditRow
    from workers.ledger.settings import LedgerSettings


def register(app: typer.Typer) -> None:
    """Add the commands of the ledger."""
    commands = typer.Typer()
    commands.callback(invoke_without_command=True)(ledger)
    commands.command("accuracy")(accuracy)
    commands.command("promotions")(promotions)
    commands.command("plan")(plan)
    app.add_typer(commands, name="ledger")


def ledger(context: typer.Context) -> None:
    """Count verdicts and review decisions by author, and measure how accurate verdicts are.

    Writes author signals; shows figures about accuracy among its metrics.
    Settings: MODERATION_KAFKA_*, MODERATION_TRACING_* and MODERATION_LEDGER_*.
    """
    if context.invoked_subcommand is not None:
        return
    import asyncio
    import logging

    from prometheus_client import CollectorRegistry

    from workers.ledger.app import run_ledger
    from workers.ledger.errors import LedgerError
    from workers.ledger.settings import LedgerSettings
    from workers.settings import KafkaSettings
    from workers.streams import LogFormat, StreamsError, configure_logging, open_tracing

    settings = LedgerSettings()
    log_format: LogFormat = "json" if settings.json_logs else "text"
    configure_logging("ledger", level=settings.log_level, log_format=log_format)
    for chatty in ("faust", "mode"):  # dozens of lines a start, about themselves
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        with open_tracing("moderation-ledger") as tracing:
            asyncio.run(run_ledger(KafkaSettings(), settings, CollectorRegistry(), tracing=tracing))
    except (LedgerError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error


def accuracy(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    html: Annotated[
        Path | None, typer.Option(help="Write a page with plots here, as the ledger shows it.")
    ] = None,
) -> None:
    """Print how accurate verdicts are, with 95 % intervals, rules in shadow beside the live ones.

    Reads the audit sample that a running ledger keeps on the broker.
    """
    from datetime import UTC, datetime

    from workers.ledger.accuracy import make_report
    from workers.ledger.accuracy import promotions as compare
    from workers.ledger.accuracy.printing import as_object, as_text
    from workers.ledger.page import accuracy_page

    settings = _settings()
    rows, window = _rows(settings), settings.audit_window
    report = make_report(rows, window)
    if html is not None:
        page = accuracy_page(report, compare(rows, window), window, datetime.now(UTC))
        html.write_text(page, encoding="utf-8")
        typer.echo(f"written to {html}")
        return
    typer.echo(as_object(report) if as_json else as_text(report))


def promotions(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare rules and models in shadow with what is live, by the same reviewers' answers.

    Says what would change in numbers of verdicts, recall and precision before and after with 95 %
    intervals, and what that proves: promote, keep out, weigh, or nothing yet.
    """
    from workers.ledger.accuracy import promotions as compare
    from workers.ledger.accuracy.promotion_printing import (
        promotions_as_object,
        promotions_as_text,
    )

    settings = _settings()
    found = compare(_rows(settings), settings.audit_window)
    typer.echo(promotions_as_object(found) if as_json else promotions_as_text(found))


def plan(
    rate: Annotated[
        float, typer.Option(min=1e-6, max=1.0, help="Share of all verdicts that reviewers see.")
    ] = 0.01,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; standard output when left out.")
    ] = None,
) -> None:
    """Plan the audit sample: draw where reviews say the most about precision and recall.

    Neyman's allocation over action, score, modality and language, from what reviewers found in the
    present sample. Name the file to the workers in MODERATION_WORKER_AUDIT_PLAN and start them
    anew.
    """
    from workers.ledger.accuracy import next_plan
    from workers.ledger.errors import LedgerError

    settings = _settings()
    try:
        planned = next_plan(_rows(settings), settings.audit_window, rate)
    except LedgerError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    text = planned.model_dump_json(indent=2) + "\n"
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text)
        typer.echo(f"{len(planned.rates)} strata, written to {out}")


def _settings() -> LedgerSettings:
    from workers.ledger.settings import LedgerSettings

    return LedgerSettings()


def _rows(settings: LedgerSettings) -> list[AuditRow]:
    """The audit sample, from the changelog of the ledger's table."""
    import asyncio

    from workers.ledger.audit_reading import read_audit
    from workers.settings import KafkaSettings
    from workers.streams import StreamsError

    try:
        return asyncio.run(read_audit(KafkaSettings(), settings))
    except StreamsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None

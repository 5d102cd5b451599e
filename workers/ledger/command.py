"""Command line of the ledger."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of the ledger."""
    app.command(name="ledger")(ledger)


def ledger() -> None:
    """Count verdicts and review decisions by author, and write author signals.

    Settings: MODERATION_KAFKA_* and MODERATION_LEDGER_*.
    """
    import asyncio

    from prometheus_client import CollectorRegistry

    from workers.ledger.app import run_ledger
    from workers.ledger.errors import LedgerError
    from workers.ledger.settings import LedgerSettings
    from workers.settings import KafkaSettings
    from workers.streams import StatusServerError, configure_logging

    configure_logging("ledger")
    try:
        asyncio.run(run_ledger(KafkaSettings(), LedgerSettings(), CollectorRegistry()))
    except (LedgerError, StatusServerError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

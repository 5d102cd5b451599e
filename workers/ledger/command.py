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
    import logging

    from prometheus_client import CollectorRegistry

    from workers.ledger.app import run_ledger
    from workers.ledger.errors import LedgerError
    from workers.ledger.settings import LedgerSettings
    from workers.settings import KafkaSettings
    from workers.streams import StreamsError, configure_logging

    configure_logging("ledger")
    for chatty in ("faust", "mode"):  # dozens of lines a start, about themselves
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(run_ledger(KafkaSettings(), LedgerSettings(), CollectorRegistry()))
    except (LedgerError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

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
    from workers.streams import LogFormat, StreamsError, configure_logging

    settings = LedgerSettings()
    log_format: LogFormat = "json" if settings.json_logs else "text"
    configure_logging("ledger", level=settings.log_level, log_format=log_format)
    for chatty in ("faust", "mode"):  # dozens of lines a start, about themselves
        logging.getLogger(chatty).setLevel(logging.WARNING)
    try:
        asyncio.run(run_ledger(KafkaSettings(), settings, CollectorRegistry()))
    except (LedgerError, StreamsError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error

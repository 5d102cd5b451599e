"""Wiring of the ledger: settings in, a running process out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import faust
from prometheus_client import CollectorRegistry

from workers.ledger.accuracy import AccuracyGauges, AuditBook
from workers.ledger.accuracy_task import AccuracyFigures, keep_accuracy
from workers.ledger.campaign_watch import CampaignWatch
from workers.ledger.handlers import Handlers
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.page import CONTENT_SECURITY_POLICY
from workers.ledger.sending import Sender
from workers.ledger.settings import LedgerSettings
from workers.ledger.topics import ledger_topics, make_topics
from workers.ledger.topology import build_topology
from workers.settings import KafkaSettings
from workers.streams import (
    Page,
    Tracing,
    get_logger,
    status_server,
    stop_on_signals,
    watch_certificates,
    watch_process,
)

STOP_SECONDS: Final = 20.0
"""To finish the events in hand and commit; below the 30 s after which orchestrators kill."""

PAGE_HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

log = get_logger(__name__)


async def run_ledger(
    kafka: KafkaSettings,
    settings: LedgerSettings,
    registry: CollectorRegistry,
    *,
    tracing: Tracing | None = None,
) -> None:
    """Run the ledger until a signal stops it.

    Where it cannot go on, it logs why and ends the process with code 1, so that its orchestrator
    starts it anew.

    Raises:
        LedgerError: its topics do not fit together.
        StreamsError: no broker answers, or the HTTP address is taken.
    """
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fatal(error: BaseException) -> None:
        if not failure.done():
            failure.set_exception(error)

    topics = ledger_topics(settings)
    await make_topics(kafka, topics)
    topology = build_topology(kafka, settings, topics)
    metrics = LedgerMetrics(registry)
    figures = AccuracyFigures(AccuracyGauges(registry), settings.audit_window)
    watch_certificates(kafka, registry)
    watch_process(registry)
    book = AuditBook(topology.audit_rows, settings.audit_window)
    sender = Sender(topology.dead_letter, metrics, fatal=fatal)
    watch = CampaignWatch(
        topology.text_rows, settings.campaign_authors, settings.campaign_window, metrics
    )
    Handlers(topology, metrics, sender, book, watch, tracing=tracing).attach()
    app = topology.app
    started = asyncio.Event()

    def not_ready() -> Sequence[str]:
        if not started.is_set():
            return ["reading its tables back"]
        return ["partitions are changing hands"] if app.rebalancing else []

    def not_healthy() -> Sequence[str]:
        return [f"Faust broke down: {app.crash_reason!r}"] if app.crashed else []

    with stop_on_signals() as stop:
        async with status_server(
            registry,
            not_ready=not_ready,
            not_healthy=not_healthy,
            pages={"/accuracy": Page(figures.page, PAGE_HEADERS)},
            host=settings.http_host,
            port=settings.http_port,
        ) as status:
            log.info("ledger starting", status=status.url, store=settings.store)
            accuracy = asyncio.ensure_future(keep_accuracy(book, figures, settings, fatal=fatal))
            try:
                await _run(app, started, stop, failure)
            finally:
                accuracy.cancel()
                await asyncio.gather(accuracy, return_exceptions=True)
    log.info("ledger stopped")


async def _run(
    app: faust.App, started: asyncio.Event, stop: asyncio.Event, failure: asyncio.Future[None]
) -> None:
    starting = asyncio.ensure_future(app.start())
    stopping = asyncio.ensure_future(stop.wait())
    crashing = asyncio.ensure_future(app._crashed.wait())  # noqa: SLF001 - mode offers no other way
    ends: set[asyncio.Future[Any]] = {stopping, failure, crashing}
    await asyncio.wait(ends | {starting}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done() and starting.exception() is None:
        started.set()
        log.info("ledger ready")
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        started.clear()
    if starting.done() and starting.exception() is not None:
        _leave("it could not start", starting.exception())
    if failure.done():
        _leave("it cannot go on", failure.exception())
    if crashing.done():
        _leave("Faust broke down", app.crash_reason)
    await _stop(app)
    for task in (starting, crashing):
        task.cancel()
    await asyncio.gather(starting, crashing, return_exceptions=True)


async def _stop(app: faust.App) -> None:
    stopping = asyncio.ensure_future(app.stop())
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not stopping.done():
        _leave(f"it could not stop within {STOP_SECONDS:g} s", None)
    stopping.result()


def _leave(why: str, error: BaseException | None) -> NoReturn:
    """End the process at once, committing nothing.

    Stopping Faust in order would commit first, and its threads, which wait for a broker that may
    never answer, would keep a process alive that only returns.
    """
    log.error(
        "leaving; what was not committed is read again at the next start",
        why=why,
        error=repr(error),
    )
    logging.shutdown()
    os._exit(1)

"""Wiring of the ledger: settings in, a running process out."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from typing import Any, Final

import faust
from prometheus_client import CollectorRegistry

from workers.ledger.errors import LedgerError
from workers.ledger.handlers import Handlers
from workers.ledger.metrics import LedgerMetrics
from workers.ledger.settings import LedgerSettings
from workers.ledger.topics import ledger_topics, make_topics
from workers.ledger.topology import build_topology
from workers.settings import KafkaSettings
from workers.streams import status_server, stop_on_signals

STOP_SECONDS: Final = 20.0
"""To finish the events in hand and commit; below the 30 s after which orchestrators kill."""

log = logging.getLogger(__name__)


async def run_ledger(
    kafka: KafkaSettings, settings: LedgerSettings, registry: CollectorRegistry
) -> None:
    """Run the ledger until a signal stops it.

    Raises:
        LedgerError: it could not start, or broke down.
        StreamsError: no broker answers, or the HTTP address is taken.
    """
    failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def fatal(error: BaseException) -> None:
        if not failure.done():
            failure.set_exception(error)

    topics = ledger_topics(settings.post_memory)
    await make_topics(kafka, topics)
    topology = build_topology(kafka, settings, topics)
    Handlers(topology, LedgerMetrics(registry), fatal=fatal).attach()
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
            host=settings.http_host,
            port=settings.http_port,
        ) as status:
            log.info("ledger starting", extra={"status": status.url, "store": settings.store})
            await _run(app, started, stop, failure)
    log.info("ledger stopped")


async def _run(
    app: faust.App, started: asyncio.Event, stop: asyncio.Event, failure: asyncio.Future[None]
) -> None:
    stopping = asyncio.ensure_future(stop.wait())
    starting = asyncio.ensure_future(app.start())
    crashing = asyncio.ensure_future(app._crashed.wait())  # noqa: SLF001 - mode offers no other way
    try:
        ends: set[asyncio.Future[Any]] = {stopping, failure, crashing}
        await asyncio.wait(ends | {starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            _raise_from(starting, "could not start; is the broker reachable?")
            started.set()
            log.info("ledger ready")
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        if failure.done():
            _raise_from(failure, "the broker refuses what it writes")
        if crashing.done():
            raise LedgerError(f"the ledger broke down: {app.crash_reason!r}") from app.crash_reason
        started.clear()
        await _stop(app)
    finally:
        for task in (stopping, starting, crashing):
            task.cancel()
        await asyncio.gather(stopping, starting, crashing, return_exceptions=True)
        failure.cancel()


async def _stop(app: faust.App) -> None:
    """Stop Faust, or leave without it: its threads wait for a broker that may never answer."""
    stopping = asyncio.ensure_future(app.stop())
    await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    if not stopping.done():
        log.error("could not stop in time; what was not committed is read again at the next start")
        logging.shutdown()
        os._exit(1)
    stopping.result()


def _raise_from(done: asyncio.Future[None], what: str) -> None:
    error = done.exception()
    if error is not None:
        raise LedgerError(f"the ledger {what} ({type(error).__name__}: {error})") from error

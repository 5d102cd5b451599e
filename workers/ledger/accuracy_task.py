"""Works the figures about accuracy out again and again, while the ledger runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from workers.ledger.accuracy import AccuracyGauges, AuditBook, make_report
from workers.ledger.settings import LedgerSettings

IDLE_SECONDS: Final = 1.0
"""Between looks for something new, while nothing is: figures are there soon after a start."""


async def keep_accuracy(
    book: AuditBook,
    gauges: AccuracyGauges,
    settings: LedgerSettings,
    *,
    fatal: Callable[[BaseException], None],
) -> None:
    """Never returns; must be cancelled.

    Args:
        book: where sampled verdicts and answers are entered.
        gauges: shown what comes out.
        settings: how often, and how far back.
        fatal: told when figures can no longer be worked out; old ones must not pass for new.
    """
    try:
        while True:
            rows = book.news()
            if rows is None:
                await asyncio.sleep(IDLE_SECONDS)
                continue
            # In a thread: some seconds for a hundred thousand rows, which must not hold up the
            # heartbeats of the consumer.
            gauges.show(await asyncio.to_thread(make_report, rows, settings.audit_window))
            await asyncio.sleep(settings.accuracy_interval_seconds)
    except Exception as error:  # noqa: BLE001 - a task's error would else be told at its end only
        fatal(error)

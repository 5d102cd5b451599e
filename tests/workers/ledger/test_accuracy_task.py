"""The figures are worked out while the ledger runs."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

from prometheus_client import CollectorRegistry

from tests.support.waiting import eventually_async
from tests.workers.ledger.accuracy.rows import a_row
from workers.ledger import LedgerSettings
from workers.ledger.accuracy import AccuracyGauges, AuditBook
from workers.ledger.accuracy_task import AccuracyFigures, keep_accuracy

WINDOW = timedelta(days=28)


async def test_a_table_that_changes_hands_is_shown_at_once() -> None:
    registry, table = CollectorRegistry(), dict[bytes, bytes]()
    book = AuditBook(table, WINDOW)
    figures = AccuracyFigures(AccuracyGauges(registry), WINDOW)
    settings = LedgerSettings(accuracy_interval_seconds=3_600)
    broken: list[BaseException] = []

    async def shows(drawn: int) -> None:
        async def shown() -> bool:
            labels = {"state": "drawn"}
            held = registry.get_sample_value("moderation_ledger_audit_verdicts", labels)
            return held == drawn

        await eventually_async(shown, describe=f"{drawn} verdicts of the sample are shown")

    task = asyncio.ensure_future(keep_accuracy(book, figures, settings, fatal=broken.append))
    for drawn in (3, 5, 0):
        table.clear()
        table.update({str(n).encode(): a_row(f"post-{n}").to_bytes() for n in range(drawn)})
        book.reopen()
        await shows(drawn)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert broken == []

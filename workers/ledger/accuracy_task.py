"""Works the figures about accuracy out again and again, while the ledger runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from workers.ledger.accuracy import (
    AccuracyGauges,
    AuditBook,
    AuditRow,
    Promotion,
    Report,
    make_report,
    promotions,
)
from workers.ledger.page import accuracy_page
from workers.ledger.settings import LedgerSettings

IDLE_SECONDS: Final = 1.0
"""Between looks for something new, while nothing is: figures are there soon after a start."""


class AccuracyFigures:
    """The newest figures, as metrics and as a page."""

    def __init__(self, gauges: AccuracyGauges, window: timedelta) -> None:
        self._gauges = gauges
        self._window = window
        self._found: tuple[Report, Sequence[Promotion]] = (Report(), ())

    def work_out(self, rows: Sequence[AuditRow]) -> None:
        """Work them out and show them; takes some seconds for a hundred thousand rows."""
        self._found = make_report(rows, self._window), promotions(rows, self._window)
        self._gauges.show(*self._found)

    def page(self) -> str:
        """The page, as HTML."""
        report, found = self._found
        return accuracy_page(report, found, self._window, datetime.now(UTC))


async def keep_accuracy(
    book: AuditBook,
    figures: AccuracyFigures,
    settings: LedgerSettings,
    *,
    fatal: Callable[[BaseException], None],
) -> None:
    """Never returns; must be cancelled.

    Args:
        book: where sampled verdicts and answers are entered.
        figures: worked out anew.
        settings: how often.
        fatal: told when figures can no longer be worked out; old ones must not pass for new.
    """
    try:
        while True:
            rows = book.news()
            if rows is None:
                await asyncio.sleep(IDLE_SECONDS)
                continue
            # In a thread, so as not to hold up the heartbeats of the consumer.
            await asyncio.to_thread(figures.work_out, rows)
            # Figures of a table that has changed hands are all wrong, so they do not wait.
            await book.until_reopened(settings.accuracy_interval_seconds)
    except Exception as error:  # noqa: BLE001 - a task's error would else be told at its end only
        fatal(error)

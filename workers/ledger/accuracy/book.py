"""The audit's book: the table of the sample, and a copy in memory to work figures out from."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import timedelta

from workers.ledger.accuracy.records import AuditEvent, AuditRow, read_audit_event
from workers.ledger.accuracy.within import within

Table = MutableMapping[bytes, bytes]
"""A Faust table with raw keys and values, or a dictionary."""


class AuditBook:
    """Rows by verdict. One table row changes with an event, so no crash can split a change.

    Args:
        table: keeps the rows.
        window: how far back from the newest verdict figures reach.
    """

    def __init__(self, table: Table, window: timedelta) -> None:
        self._table = table
        self._window = window
        self._rows: dict[bytes, AuditRow] = {}  # of sampled verdicts only
        self._changed = False
        self._reopened = asyncio.Event()

    def enter(self, raw: bytes) -> None:
        """Enter an event; entering it again changes nothing.

        Raises:
            pydantic.ValidationError: the bytes, or the row in the table, cannot be read.
        """
        event = read_audit_event(raw)
        key = _key(event)
        row = self._rows.get(key)
        if row is None:
            kept = self._table.get(key)
            row = AuditRow() if kept is None else AuditRow.from_bytes(kept)
        after = row.with_event(event)
        if after == row:
            return
        self._table[key] = after.to_bytes()
        if after.verdict is not None:
            self._rows[key] = after
            self._changed = True

    def reopen(self) -> None:
        """Read everything from the table again.

        Raises:
            pydantic.ValidationError: a row is not what this version of the ledger writes.
        """
        rows = {key: AuditRow.from_bytes(row) for key, row in self._table.items()}
        self._rows = {key: row for key, row in rows.items() if row.verdict is not None}
        self._changed = True
        self._reopened.set()

    async def until_reopened(self, seconds: float) -> None:
        """Wait until the book has been reopened since :meth:`news`, or for as long as that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._reopened.wait()

    def news(self) -> list[AuditRow] | None:
        """The sampled verdicts of the window; None where nothing changed since the last call.

        Verdicts that have left the window are forgotten; the table forgets them by itself.
        """
        if not self._changed:
            return None
        self._changed = False
        self._reopened.clear()
        kept = within(self._rows.values(), self._window)
        self._rows = {_key(row.verdict): row for row in kept if row.verdict is not None}
        return kept


def _key(event: AuditEvent) -> bytes:
    return str(event.verdict_id).encode()

"""The table of texts, and who is to be told of a campaign."""

from __future__ import annotations

from collections.abc import MutableMapping
from datetime import timedelta

from workers.ledger.campaigns import CampaignSeen, TextRow, TextSeen
from workers.ledger.metrics import LedgerMetrics

Table = MutableMapping[bytes, bytes]
"""A Faust table with raw keys and values, or a dictionary."""


class CampaignWatch:
    """Texts by their keys.

    Args:
        table: keeps the rows.
        fewest: authors that make a campaign.
        window: after which texts count no more.
        metrics: counts campaigns.
    """

    def __init__(
        self, table: Table, fewest: int, window: timedelta, metrics: LedgerMetrics
    ) -> None:
        self._table = table
        self._fewest = fewest
        self._window = window
        self._metrics = metrics

    def enter(self, seen: TextSeen) -> tuple[TextRow, tuple[CampaignSeen, ...]]:
        """Enter a text; the row with it, and what to tell authors.

        Raises:
            pydantic.ValidationError: the row in the table cannot be read.
        """
        key = seen.text_key.encode()
        kept = self._table.get(key)
        before = TextRow() if kept is None else TextRow.from_bytes(kept)
        row = before.with_text(seen, self._window)
        if row != before:
            self._table[key] = row.to_bytes()
        return row, row.to_tell(seen, self._fewest, self._window)

    def told(self, seen: TextSeen, row: TextRow) -> None:
        """Note that authors were told what :meth:`enter` said."""
        after = row.after_telling(self._fewest)
        if after == row:
            return
        if not row.told:
            self._metrics.campaigns.inc()
        self._table[seen.text_key.encode()] = after.to_bytes()

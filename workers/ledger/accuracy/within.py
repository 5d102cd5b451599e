"""Which verdicts of the sample are recent enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from workers.ledger.accuracy.records import AuditRow


def within(rows: Iterable[AuditRow], window: timedelta) -> list[AuditRow]:
    """The rows whose verdict is not older than the newest one by more than the window."""
    dated = [(row.verdict.decided_at, row) for row in rows if row.verdict is not None]
    newest = max((moment for moment, _ in dated), default=None)
    return [row for moment, row in dated if newest is not None and moment >= newest - window]

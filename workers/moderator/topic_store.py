"""What the ledger said about authors, on disk: as many authors as a partition has fit."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from schemas import AuthorSignals

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS signals (
    author_id TEXT PRIMARY KEY,
    partition INTEGER NOT NULL,
    updated_at REAL NOT NULL,
    value BLOB NOT NULL
) WITHOUT ROWID;
"""

# The store is a copy of a topic and is filled anew at each start, so it need not survive a crash.
_FAST: Final = "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY;"


class Change(NamedTuple):
    """A record of ``author-signals``; ``signals`` is None when the author was forgotten."""

    partition: int
    author_id: str
    signals: AuthorSignals | None


class SignalStore:
    """Author signals by author id, in an SQLite file. Use it on one thread at a time.

    Args:
        path: of the file; what it holds is thrown away.
        keep: age after which signals count no more.
    """

    def __init__(self, path: Path, keep: timedelta) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        # Opened on one thread, used on another, and never on two at once.
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.executescript(_FAST + _SCHEMA)
        self._keep = keep

    def get(self, author_id: str, now: datetime) -> AuthorSignals | None:
        """The latest signals about an author, unless they have expired."""
        row = self._database.execute(
            "SELECT value FROM signals WHERE author_id = ? AND updated_at > ?",
            (author_id, (now - self._keep).timestamp()),
        ).fetchone()
        return None if row is None else AuthorSignals.from_bytes(row[0])

    def apply(self, changes: Iterable[Change]) -> None:
        """Take in records of the topic, in their order."""
        database = self._database
        database.execute("BEGIN")
        for change in changes:
            if change.signals is None:
                database.execute("DELETE FROM signals WHERE author_id = ?", (change.author_id,))
            else:
                database.execute(
                    "INSERT OR REPLACE INTO signals VALUES (?, ?, ?, ?)",
                    (
                        change.author_id,
                        change.partition,
                        change.signals.updated_at.timestamp(),
                        change.signals.to_bytes(),
                    ),
                )
        database.execute("COMMIT")

    def keep_only(self, partitions: Collection[int], now: datetime) -> None:
        """Forget authors of other partitions, and those whose signals have expired."""
        marks = ",".join("?" * len(partitions))
        self._database.execute(
            f"DELETE FROM signals WHERE partition NOT IN ({marks}) OR updated_at <= ?",  # noqa: S608 - only marks
            (*partitions, (now - self._keep).timestamp()),
        )

    def __len__(self) -> int:
        (count,) = self._database.execute("SELECT count(*) FROM signals").fetchone()
        return int(count)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
